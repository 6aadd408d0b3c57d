// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/base/yaml_tree.h"

namespace mre {

/// Takes typed values out of a YAML tree and keeps the first thing that is wrong, with its place: reading
/// goes on with a default, and the caller looks at `error` once at the end.
class ProfileReader {
 public:
  explicit ProfileReader(std::string_view file) : file_(file) {}

  const std::optional<Error>& error() const { return error_; }
  void refuse(Position at, std::string_view what);

  /// Refuses whatever is no map, and every key that is not in `known`.
  bool map(const YamlNode& node, std::span<const std::string_view> known);
  /// The members of a map whose keys may be any; whatever is no map is refused.
  const std::vector<YamlNode::Member>& members(const YamlNode& node);
  const YamlNode* find(const YamlNode& map, std::string_view key) const;
  /// The value of a key that must be there; a null node if it is not.
  const YamlNode& need(const YamlNode& map, std::string_view key);

  std::string text(const YamlNode& node);
  bool flag(const YamlNode* node);
  /// A whole number, decimal or 0x hexadecimal.
  unsigned number(const YamlNode& node, unsigned most) { return number(text(node), node.at, most); }
  unsigned number(std::string_view text, Position at, unsigned most);
  std::uint8_t byte(const YamlNode& node) { return static_cast<std::uint8_t>(number(node, 255)); }
  std::uint8_t byte(std::string_view text, Position at) {
    return static_cast<std::uint8_t>(number(text, at, 255));
  }
  /// The items of a list; whatever is no list is refused.
  const std::vector<YamlNode>& list(const YamlNode& node);
  /// A value, or a list of values; lists in it are taken apart, so that a list may repeat others (`[*a,
  /// *b]`).
  std::vector<const YamlNode*> one_or_more(const YamlNode& node);
  std::vector<std::string> texts(const YamlNode& node);
  /// A word that `from` understands; `known` names what it may be.
  template <class From>
  auto word(const YamlNode& node, From&& from, std::string_view known) ->
      typename decltype(from(""))::value_type {
    const auto value = from(text(node));
    if (!value) refuse_word(node, known);
    return value.value_or(typename decltype(from(""))::value_type{});
  }

 private:
  void refuse_word(const YamlNode& node, std::string_view known);

  std::string_view file_;
  std::optional<Error> error_;
};

}  // namespace mre
