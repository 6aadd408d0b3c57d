// SPDX-License-Identifier: Apache-2.0
// What a broker hands over when its configuration changes. A source that stays the same continues with its
// connection and everything it has received. A source that changes is closed, and opened again at its position.
// Counters and the state of the decoder are handed over in memory, as a restart does through the checkpoint.
#include <algorithm>
#include <utility>

#include "exporter/input/record_input.h"
#include "exporter/runtime/broker.h"

namespace mre {
namespace {

/// A subscription to the topics of all candidate profiles can be narrowed to those of the profile that is named now.
bool can_narrow(const SourceConfig& own, const SourceConfig& next) {
  const auto* from = std::get_if<MqttOptions>(&own.options);
  const auto* to = std::get_if<MqttOptions>(&next.options);
  if (from == nullptr || to == nullptr || !own.topics_of_profile || !next.topics_of_profile) return false;
  if (own.profile != nullptr || next.profile == nullptr) return false;
  MqttOptions narrowed = *from;
  narrowed.topics = to->topics;
  return narrowed == *to && std::ranges::all_of(to->topics, [&](const std::string& topic) {
           return std::ranges::find(from->topics, topic) != from->topics.end();
         });
}

/// Whether a position of the one is valid for the other.
bool same_position(const SourceConfig& own, const SourceConfig& next) {
  const auto* log = std::get_if<LogOptions>(&own.options);
  const auto* other = std::get_if<LogOptions>(&next.options);
  return own.kind() == next.kind() && (log == nullptr || log->path == other->path);
}

bool can_reuse_decoder(const SourceConfig& own, const SourceConfig& next, const BrokerConfig& broker) {
  if (own.kind() != next.kind()) return false;
  if (!own.needs_profile()) return true;
  const auto* log = std::get_if<LogOptions>(&own.options);
  if (log != nullptr && log->envelope != std::get<LogOptions>(next.options).envelope) return false;
  if (next.profile != nullptr) return same_profile(own.profile, next.profile);
  return std::ranges::any_of(broker.candidates, [&](const auto& p) { return same_profile(own.profile, p); });
}

const SourceConfig* source_named(const BrokerConfig& broker, const std::string& name) {
  const auto found = std::ranges::find(broker.sources, name, &SourceConfig::name);
  return found == broker.sources.end() ? nullptr : &*found;
}

}  // namespace

Broker::Handover Broker::hand_over(const BrokerConfig& next) {
  stop_detection();
  Handover sources;
  hand_over_waiting(next, sources);
  hand_over_feeds(next, sources);
  return sources;
}

/// The sources whose profile is not detected yet.
void Broker::hand_over_waiting(const BrokerConfig& next, Handover& sources) {
  for (Waiting& waiting : waiting_) {
    const SourceConfig& before = config_.sources[waiting.index];
    const SourceConfig* const after = source_named(next, before.name);
    if (after == nullptr) continue;
    ResumableSource& source = sources[before.name] = std::move(waiting.open);
    if (can_narrow(before, *after)) {
      source.input->records()->narrow(std::get<MqttOptions>(after->options).topics);
    } else if (before.options != after->options) {
      source.input = nullptr;
    }
    if (!same_position(before, *after)) source.resume.checkpoint.position.clear();
  }
  const std::lock_guard lock(shared_.mutex);
  waiting_.clear();
}

void Broker::hand_over_feeds(const BrokerConfig& next, Handover& sources) {
  for (const auto& feed : shared_.feeds) {
    const SourceConfig& before = *source_named(config_, feed->sample().source);
    const SourceConfig* const after = source_named(next, before.name);
    if (after == nullptr) {
      feed->stop();
      continue;
    }
    ResumableSource& source = sources[before.name] = feed->hand_over(
        {.source = before.options == after->options, .decoder = can_reuse_decoder(before, *after, next)});
    if (!same_position(before, *after)) source.resume.checkpoint.position.clear();
  }
}

}  // namespace mre
