// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/config.h"

#include <algorithm>
#include <tuple>

namespace mre {

bool same_profile(const std::shared_ptr<const Profile>& a, const std::shared_ptr<const Profile>& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return a->name == b->name && a->fingerprint == b->fingerprint;
}

bool SourceConfig::operator==(const SourceConfig& other) const {
  return std::tie(name, options, topics_of_profile) ==
             std::tie(other.name, other.options, other.topics_of_profile) &&
         same_profile(profile, other.profile);
}

bool BrokerConfig::operator==(const BrokerConfig& other) const {
  return std::tie(name, sources, authority) == std::tie(other.name, other.sources, other.authority) &&
         std::ranges::equal(candidates, other.candidates, same_profile);
}

}  // namespace mre
