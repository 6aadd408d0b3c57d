// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/members.h"

namespace mre {

std::uint32_t MemberNames::add(std::string_view name) {
  if (const std::uint32_t known = find(name); known != kNone) return known;
  std::uint32_t& first = first_[hash(name)];
  names_.push_back({std::string(name), first});
  return first = static_cast<std::uint32_t>(names_.size() - 1);
}

}  // namespace mre
