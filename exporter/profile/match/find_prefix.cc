// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "exporter/profile/match/field_line.h"
#include "exporter/profile/profile.h"

namespace mre {
namespace {

/// Whether the text after the pattern of a prefix has the required form.
bool fits(const Prefix& prefix, std::string_view rest) {
  if (!prefix.has_fields) return true;
  const std::string_view key = rest.substr(0, key_length(rest));
  return prefix.first_keys.empty() ? !key.empty()
                                   : std::ranges::find(prefix.first_keys, key) != prefix.first_keys.end();
}

}  // namespace

/// Brokers have up to a dozen forms of their prefix. What a form has in common with the one that was tried before it,
/// mostly a time stamp, is read once: 1,600 fewer instructions for a line of Moquette, 700 for one of rumqttd.
Profile::FoundPrefix Profile::find_prefix(std::string_view line, Captures& captures) const {
  std::array<const char*, Prefix::kMaxElements + 1> ends;  // of the elements that match
  ends[0] = line.data();
  std::size_t matched = 0;
  for (const Prefix& prefix : prefixes) {
    for (std::size_t i = 0; i < prefix.patterns.size(); ++i) {
      if (matched < prefix.shared[i]) continue;  // an element that it has too does not match
      const auto elements = prefix.patterns[i].elements();
      matched = prefix.patterns[i].match_begin(line, prefix.shared[i], ends);
      if (matched < elements.size()) continue;
      const auto length = static_cast<std::size_t>(ends[matched] - line.data());
      if (!fits(prefix, line.substr(length))) continue;
      for (std::size_t j = 0; j < matched; ++j) {
        if (elements[j].named) captures.set(elements[j].field, {ends[j], ends[j + 1]});
      }
      return {&prefix, length};
    }
  }
  return {};
}

}  // namespace mre
