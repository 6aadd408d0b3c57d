// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// A position in a text file; both count from 1.
struct Position {
  int line = 1;
  int column = 1;
};

/// One node of a YAML document.
struct YamlNode {
  enum class Kind { null, scalar, list, map };
  struct Member;

  Kind kind = Kind::null;
  Position at;
  std::string text;             ///< Of a scalar.
  std::vector<YamlNode> items;  ///< Of a list.
  std::vector<Member> members;  ///< Of a map, in the order of the file; keys are unique.
};

struct YamlNode::Member {
  std::string key;
  Position at;  ///< Of the key.
  YamlNode value;
};

/// A message with the prefix "file:line:column: ".
std::string located(std::string_view file_name, Position at, std::string_view message);

/// Whether a document may use aliases: `&name` names a value, `*name` repeats it.
enum class Aliases {
  refused,
  /// A repeated value has the position of the original. All repeated values together are limited to 1 MiB, so
  /// that a few lines cannot expand to gigabytes.
  repeated,
};

/// Parses the only document in `text`; a null node if there is none. `file_name` is for error texts only. The
/// text is limited to 1 MiB and 32 levels. Errors: invalid_config, with file:line:column.
Result<YamlNode> parse_yaml(std::string_view text, std::string_view file_name,
                            Aliases aliases = Aliases::refused);

}  // namespace mre
