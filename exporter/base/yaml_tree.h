// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// A place in a text file, both counted from 1.
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
  std::vector<Member> members;  ///< Of a map, in the order of the file; no key stands twice.
};

struct YamlNode::Member {
  std::string key;
  Position at;  ///< Of the key.
  YamlNode value;
};

/// "file:line:column: " before a message.
std::string located(std::string_view file_name, Position at, std::string_view message);

/// Whether a document may repeat a value by its anchor: `&name` where it is written, `*name` where it stands
/// again.
enum class Aliases {
  refused,
  /// A repeated value keeps the place where it is written. All that aliases repeat is limited to 1 MiB, so
  /// that a few lines cannot mean gigabytes.
  repeated,
};

/// The one document in `text`; a null node if there is none. `file_name` is for the error text alone.
/// Text is limited to 1 MiB and 32 levels.
Result<YamlNode> parse_yaml(std::string_view text, std::string_view file_name,
                            Aliases aliases = Aliases::refused);

}  // namespace mre
