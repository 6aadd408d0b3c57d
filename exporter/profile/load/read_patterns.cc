// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/load/read_patterns.h"

#include <string>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/profile/load/pattern_expansion.h"

namespace mre {

std::vector<Pattern> read_patterns(const YamlNode& node, std::string_view source, ProfileReader& read) {
  std::vector<Pattern> patterns;
  const auto expansions = expand_alternatives(source);
  if (!expansions) {
    read.refuse(node.at, expansions.error().what);
    return patterns;
  }
  for (const std::string& text : *expansions) {
    auto pattern = Pattern::compile(text);
    if (!pattern) {
      const std::string where =
          expansions->size() > 1 ? ", in the expansion \"" + printable(text, 256) + "\"" : "";
      read.refuse(node.at, pattern.error().what + where);
      return {};
    }
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

}  // namespace mre
