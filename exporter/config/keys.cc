// SPDX-License-Identifier: Apache-2.0
#include <type_traits>

#include "exporter/config/load.h"
#include "exporter/config/schema.h"
#include "exporter/config/schema_reader.h"

namespace mre {
namespace {

using schema::visit;

/// The visitor that lists the rows of the schema.
class KeyLister {
 public:
  KeyLister(std::vector<ConfigKey>& keys, std::string prefix) : keys_(keys), prefix_(std::move(prefix)) {}

  void required(std::string_view key, auto& value) { add(key, value, true); }
  void optional(std::string_view key, auto& value) { add(key, value, false); }

 private:
  template <class T>
  void add(std::string_view key, T& value, bool required) {
    descend(prefix_ + std::string(key), value, required);
  }

  template <class T>
  void descend(const std::string& path, T& value, bool required) {
    keys_.push_back({path, required, ""});
    if constexpr (requires { write_value(value); }) {
      if (!required) keys_.back().default_text = write_value(value);
    } else {
      KeyLister members(keys_, path + ".");
      visit(members, value);
    }
  }

  template <class T>
  void descend(const std::string& path, schema::At<T>& value, bool required) {
    descend(path, value.value, required);
  }

  template <class T>
  void descend(const std::string& path, std::optional<T>&, bool required) {
    T value{};
    descend(path, value, required);
  }

  void descend(const std::string& path, std::vector<schema::At<std::string>>&, bool required) {
    keys_.push_back({path, required, "[]"});
  }

  void descend(const std::string& path, std::vector<schema::Entry>&, bool required) {
    keys_.push_back({path, required, ""});
  }

  template <class T>
  void descend(const std::string& path, std::vector<schema::At<T>>&, bool required) {
    schema::At<T> item{};
    descend(path + "[]", item.value, required);
  }

  std::vector<ConfigKey>& keys_;
  std::string prefix_;
};

}  // namespace

std::vector<ConfigKey> config_keys() {
  std::vector<ConfigKey> keys;
  KeyLister lister(keys, "");
  schema::File file;
  visit(lister, file);
  return keys;
}

}  // namespace mre
