// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/event/decoder.h"
#include "exporter/metrics/feed_sample.h"

namespace mre {

/// What the config says a source shall count: a packet, in one direction or in all.
struct AuthorityClaim {
  mqtt::Packet packet;
  std::optional<mqtt::Direction> direction = std::nullopt;
};

/// One feed to be, as far as the choice of authorities looks at it.
struct FeedPlan {
  std::string broker;
  std::string source;
  std::string kind;                         ///< "capture", "log" or "mqtt"
  const Coverage* coverage = nullptr;       ///< Of its decoder; not null.
  std::vector<AuthorityClaim> claims = {};  ///< From the config.
  bool claims_closes = false;               ///< From the config.
  bool claims_denials = false;              ///< From the config.
  Authority authority = {};                 ///< The answer.
};

/// Gives each (packet, direction) of each broker to one feed, so that one event is one count whatever is
/// configured: to the feed that claims it, else to the first in the order capture, log, mqtt (then the order
/// of the plans), as far as their coverages tell of it. A direction `unknown` may hide either of the others,
/// so it goes to another feed than those only where none of them is given. The ends without a code go to one
/// feed as a whole, the denials without a code to one feed for each action. Where a denial may have had a
/// code and another feed is given the sent PUBACKs or PUBRECs, it is not counted, unless the config says so.
///
/// Fails with invalid_config if a feed claims what its coverage does not tell, or two feeds of a broker claim
/// the same.
Result<void> assign_authority(std::span<FeedPlan> plans);

}  // namespace mre
