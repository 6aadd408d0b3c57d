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

/// A packet, in one direction or in all, that the config assigns to a source.
struct AuthorityClaim {
  mqtt::Packet packet;
  std::optional<mqtt::Direction> direction = std::nullopt;
};

/// The properties of a planned feed that its authority depends on.
struct FeedPlan {
  std::string broker;
  std::string source;
  SourceKind kind{};                        ///< Of the source.
  const Coverage* coverage = nullptr;       ///< Of its decoder; not null.
  std::vector<AuthorityClaim> claims = {};  ///< From the config.
  bool claims_closes = false;               ///< From the config.
  bool claims_denials = false;              ///< From the config.
  Authority authority = {};                 ///< The answer.
};

/// Assigns each (packet, direction) of each broker to one feed, so that one event is counted once whatever is
/// configured: to the feed that claims it, else to the first one that covers it, in the order capture, log, mqtt (then
/// the order of the plans). The direction `unknown` may be either of the others, so another feed gets it only if none
/// of them is assigned. The ends without a code go to one feed as a whole, the denials without a code to one feed for
/// each action. If a denial may have had a code, and another feed has the sent PUBACKs or PUBRECs, the denial is not
/// counted, unless the config assigns it.
///
/// Errors: invalid_config if a feed claims what its coverage does not contain, or two feeds of a broker claim the
/// same.
Result<void> assign_authority(std::span<FeedPlan> plans);

}  // namespace mre
