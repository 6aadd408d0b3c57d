// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/load/read_patterns.h"

#include <string>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/profile/load/written_out.h"

namespace mre {

std::vector<Pattern> read_patterns(const YamlNode& node, std::string_view source, ProfileReader& read) {
  std::vector<Pattern> patterns;
  const auto ways = written_out(source);
  if (!ways) {
    read.refuse(node.at, ways.error().what);
    return patterns;
  }
  for (const std::string& way : *ways) {
    auto pattern = Pattern::compile(way);
    if (!pattern) {
      const std::string where = ways->size() > 1 ? ", written out as \"" + printable(way, 256) + "\"" : "";
      read.refuse(node.at, pattern.error().what + where);
      return {};
    }
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

}  // namespace mre
