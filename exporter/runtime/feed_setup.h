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

/// One source with its decoder, what it can show, and the options of its feed.
struct PlannedFeed {
  const SourceConfig* source;  ///< Of the config that was planned.
  FeedOptions options;
  std::unique_ptr<Decoder> decoder;  ///< Null for a capture.

  const Coverage& coverage() const;
};

/// Plans one feed for each source that has a profile or needs none, in the order of the config, which must outlive
/// the plans. Opens nothing. `capture` is shared by the feeds if one of the sources is a capture: while the capture
/// cannot read anything, the others count what it would. Errors: invalid_config if `authority` names a source that
/// cannot see the packet.
Result<std::vector<PlannedFeed>> plan_feeds(const BrokerConfig& broker,
                                            const std::shared_ptr<CaptureVisibility>& capture);

/// Opens the source that the options describe, at the position of its checkpoint. A missing log or broker is not an
/// error. With `handed_over`, which comes from this process, neither the checkpoint on disk is used, nor `from` if there
/// is a position to resume from.
Result<ResumableSource> open_source(const BrokerConfig& broker, const SourceConfig& config,
                                    const StateStore& state,
                                    std::optional<ResumableSource> handed_over = std::nullopt);

/// Makes the feed of a plan without starting it. It resumes from the checkpoint if that has the same profile.
std::unique_ptr<Feed> make_feed(PlannedFeed plan, ResumableSource open, const StateStore& state);

/// A warning about an unsafe configuration of a source, in one line; empty if there is none.
std::string warning_of(const BrokerConfig& broker, const SourceConfig& source);

/// One line for people: what is read of a broker whose profile is not detected yet.
std::string describe(const BrokerConfig& broker, const SourceConfig& source);

/// One line for people: what the feed reads, with which profile, what it can show, and which broker setting that
/// requires.
std::string describe(const PlannedFeed& plan);

}  // namespace mre
