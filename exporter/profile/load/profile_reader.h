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

/// Reads typed values from a YAML tree and stores the first error with its position. After an error it
/// returns defaults, so that the caller needs to check `error` once, at the end.
class ProfileReader {
 public:
  explicit ProfileReader(std::string_view file) : file_(file) {}

  const std::optional<Error>& error() const { return error_; }
  void refuse(Position at, std::string_view what);

  /// Refuses a node that is not a map, and every key that is not in `known`.
  bool map(const YamlNode& node, std::span<const std::string_view> known);
  /// The members of a map with arbitrary keys. Refuses a node that is not a map.
  const std::vector<YamlNode::Member>& members(const YamlNode& node);
  const YamlNode* find(const YamlNode& map, std::string_view key) const;
  /// The value of a required key; a null node if it is missing.
  const YamlNode& need(const YamlNode& map, std::string_view key);

  std::string text(const YamlNode& node);
  bool flag(const YamlNode* node);
  /// A whole number, decimal or 0x hexadecimal.
  unsigned number(const YamlNode& node, unsigned max) { return number(text(node), node.at, max); }
  unsigned number(std::string_view text, Position at, unsigned max);
  std::uint8_t byte(const YamlNode& node) { return static_cast<std::uint8_t>(number(node, 255)); }
  std::uint8_t byte(std::string_view text, Position at) {
    return static_cast<std::uint8_t>(number(text, at, 255));
  }
  /// The items of a list. Refuses a node that is not a list.
  const std::vector<YamlNode>& list(const YamlNode& node);
  /// A value, or a list of values. Nested lists are flattened, so that a list may contain aliases (`[*a,
  /// *b]`).
  std::vector<const YamlNode*> one_or_more(const YamlNode& node);
  std::vector<std::string> texts(const YamlNode& node);
  /// A word that `from` can convert. For the error: `known` is the valid words with blanks between them, or says what
  /// is expected: "a version".
  template <class From>
  auto word(const YamlNode& node, From&& from, std::string_view known) ->
      typename decltype(from(""))::value_type {
    const auto value = from(text(node));
    if (!value) refuse_word(node, known);
    return value.value_or(typename decltype(from(""))::value_type{});
  }
  /// Refuses a word that is not one of `known`.
  void refuse_word(const YamlNode& node, std::string_view known);

 private:
  std::string_view file_;
  std::optional<Error> error_;
};

}  // namespace mre
