// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exporter/config/config.h"
#include "exporter/feed/feed.h"
#include "exporter/runtime/state_store.h"
#include "exporter/subscribe/mqtt_source.h"

namespace mre {

/// One source with its decoder, and with what of it counts.
struct PlannedFeed {
  const SourceConfig* source;  ///< Of the config that was planned.
  FeedOptions options;
  std::unique_ptr<Decoder> decoder;
};

/// One feed for each source that has its profile or needs none, in the order of the config, which must
/// outlive them. Opens nothing. `capture` is what they share if one of the broker's sources is a capture:
/// while it sees nothing, the others count what it would. Errors: invalid_config, where `authority` asks for
/// what a source cannot see.
Result<std::vector<PlannedFeed>> plan_feeds(const BrokerConfig& broker,
                                            const std::shared_ptr<CaptureVisibility>& capture);

/// A source with what is known of the time before.
struct OpenSource {
  std::unique_ptr<Source> source;       ///< Null in what was handed over: it is to be opened.
  std::shared_ptr<CheckpointStore> store;  ///< Null: nothing of it survives.
  Checkpoint found;                     ///< What to go on from. Without a profile: nothing was counted.
  bool may_be_old = false;              ///< Whether a later one may have been there.
  bool handed_over = false;             ///< It comes from this process, not from disk.
};

/// The source that the options describe, at the position of its checkpoint. One that is away is no error.
/// `handed_over` comes from this process: then the checkpoint on disk is not polled at, and `from`, which is
/// for a start, not either, if there is a position to resume from.
Result<OpenSource> open_source(const BrokerConfig& broker, const SourceConfig& config,
                               const StateStore& state, std::optional<OpenSource> handed_over = std::nullopt);

/// The feed of a plan, not started. It goes on from what was found, as far as that is of the same profile.
std::unique_ptr<Feed> make_feed(PlannedFeed plan, OpenSource open, const StateStore& state);

/// What is unsafe in how a source is configured, as one line for people; empty if nothing is.
std::string warning_of(const BrokerConfig& broker, const SourceConfig& source);

/// One line for people: what is read of a broker whose profile is still to be chosen.
std::string describe(const BrokerConfig& broker, const SourceConfig& source);

/// One line for people: what the feed reads, with which profile, what it can see, and what the broker needs
/// for that.
std::string describe(const PlannedFeed& plan);

}  // namespace mre
