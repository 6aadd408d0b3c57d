// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/text.h"
#include "exporter/config/schema.h"
#include "exporter/config/values.h"

namespace mre::schema {

/// A value that is a YAML scalar: read_value parses it.
template <class T>
concept Scalar = requires(std::string_view text, T& value) {
  { read_value(text, value) } -> std::same_as<Result<void>>;
};

/// Collects the keys of one map.
struct KeyNames {
  std::vector<std::string_view> names;
  void required(std::string_view key, auto&) { names.push_back(key); }
  void optional(std::string_view key, auto&) { names.push_back(key); }
};

template <class T>
std::vector<std::string_view> keys_of(T& object) {
  KeyNames keys;
  visit(keys, object);
  return keys.names;
}

/// Fills the structs of the schema from a YAML tree. Stops at the first error.
class Reader {
 public:
  explicit Reader(std::string file_name) : file_name_(std::move(file_name)) {}

  template <class T>
  Result<T> read(const YamlNode& root) {
    T value{};
    read_into(root, value, "the file");
    if (error_) return tl::make_unexpected(*error_);
    return value;
  }

 private:
  /// The visitor of one map.
  struct Members {
    Reader& reader;
    const YamlNode& map;
    std::string_view name;  ///< Of the map, for messages.

    void required(std::string_view key, auto& value) {
      if (!member(key, value))
        reader.refuse(map.at, std::string(name) + " needs the key \"" + std::string(key) + "\": add it");
    }
    void optional(std::string_view key, auto& value) { member(key, value); }

    bool member(std::string_view key, auto& value) {
      for (const YamlNode::Member& m : map.members) {
        if (m.key != key) continue;
        reader.read_into(m.value, value, key);
        return true;
      }
      return false;
    }
  };

  void refuse(Position at, std::string_view what) {
    if (!error_) error_ = Error{Errc::invalid_config, located(file_name_, at, what)};
  }

  bool expect(const YamlNode& node, YamlNode::Kind kind, std::string_view name, std::string_view what) {
    if (node.kind == kind) return true;
    refuse(node.at, "\"" + std::string(name) + "\" must be " + std::string(what));
    return false;
  }

  template <Scalar T>
  void read_into(const YamlNode& node, T& value, std::string_view name) {
    if (!expect(node, YamlNode::Kind::scalar, name, "one value, as in " + std::string(name) + ": VALUE"))
      return;
    if (const auto read = read_value(node.text, value); !read) {
      refuse(node.at, "\"" + std::string(name) + "\": " + read.error().what);
    }
  }

  template <class T>
  void read_into(const YamlNode& node, At<T>& value, std::string_view name) {
    value.at = node.at;
    read_into(node, value.value, name);
  }

  template <class T>
  void read_into(const YamlNode& node, std::optional<T>& value, std::string_view name) {
    read_into(node, value.emplace(), name);
  }

  template <class T>
  void read_into(const YamlNode& node, std::vector<T>& values, std::string_view name) {
    values.clear();
    if (node.kind == YamlNode::Kind::null) return;  // a key whose items are all commented out
    if (!expect(node, YamlNode::Kind::list, name, "a list, as in " + std::string(name) + ": [VALUE, VALUE]"))
      return;
    for (const YamlNode& item : node.items) {
      if (!error_) read_into(item, values.emplace_back(), name);
    }
  }

  void read_into(const YamlNode& node, std::vector<Entry>& entries, std::string_view name) {
    if (node.kind == YamlNode::Kind::null) return;
    if (!expect(node, YamlNode::Kind::map, name, "a map, as in " + std::string(name) + ": {KEY: VALUE}"))
      return;
    for (const YamlNode::Member& m : node.members) {
      Entry& entry = entries.emplace_back();
      entry.key = {m.key, m.at};
      read_into(m.value, entry.value, m.key);
    }
  }

  template <class T>
    requires(!Scalar<T>)
  void read_into(const YamlNode& node, T& object, std::string_view name) {
    if (node.kind != YamlNode::Kind::null && !expect(node, YamlNode::Kind::map, name, "a map of keys"))
      return;
    const std::vector<std::string_view> known = keys_of(object);
    for (const YamlNode::Member& m : node.members) {
      if (std::find(known.begin(), known.end(), m.key) == known.end()) {
        return refuse(m.at, "unknown key \"" + printable(m.key) + "\" in " + std::string(name) + ": " +
                                suggestion(m.key, known));
      }
    }
    Members members{*this, node, name};
    visit(members, object);
  }

  std::string file_name_;
  std::optional<Error> error_;
};

}  // namespace mre::schema
