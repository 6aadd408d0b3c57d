// SPDX-License-Identifier: Apache-2.0
// What a broker hands over when its configuration changes. A source that stays the same continues with its
// connection and everything it has received. A source that changes is closed, and opened again at its position.
// Counters and the state of the decoder are handed over in memory, as a restart does through the checkpoint.
#include <algorithm>
#include <utility>

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
  Handover left;
  for (Waiting& waiting : waiting_) {
    const SourceConfig& own = config_.sources[waiting.index];
    const SourceConfig* to = source_named(next, own.name);
    if (to == nullptr) continue;
    ResumableSource& open = left[own.name] = std::move(waiting.open);
    if (can_narrow(own, *to)) {
      open.records->narrow(std::get<MqttOptions>(to->options).topics);
    } else if (own.options != to->options) {
      open.records = nullptr;
    }
    if (!same_position(own, *to)) open.resume.checkpoint.position.clear();
  }
  {
    const std::lock_guard lock(shared_.mutex);
    waiting_.clear();
  }
  for (const auto& feed : shared_.feeds) {
    const SourceConfig& own = *source_named(config_, feed->sample().source);
    const SourceConfig* to = source_named(next, own.name);
    if (to == nullptr) {
      feed->stop();
      continue;
    }
    ResumableSource& open = left[own.name] =
        feed->hand_over({.source = own.options == to->options, .decoder = can_reuse_decoder(own, *to, next)});
    if (!same_position(own, *to)) open.resume.checkpoint.position.clear();
  }
  return left;
}

}  // namespace mre
