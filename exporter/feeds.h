#pragma once

#include <memory>
#include <span>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/feed/feed.h"

namespace mre {

/// One source with its decoder, and with what of it counts.
struct PlannedFeed {
  const SourceConfig* source;  ///< Of the config that was planned.
  FeedOptions options;
  std::unique_ptr<Decoder> decoder;
};

/// One feed for each source, in the order of the config, which must outlive them. Opens nothing.
/// Errors: invalid_config, where `authority` asks for what a source cannot see.
Result<std::vector<PlannedFeed>> plan_feeds(std::span<const BrokerConfig> brokers);

/// The feed of a plan, not started. A source that is away is no error.
Result<std::unique_ptr<Feed>> make_feed(PlannedFeed plan);

/// One line for people: what the feed reads, with which profile, what it can see, and what the broker needs
/// for that.
std::string describe(const PlannedFeed& plan);

}  // namespace mre
