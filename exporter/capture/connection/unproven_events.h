// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "exporter/capture/tcp/flow.h"
#include "exporter/event/decoder.h"

namespace mre {

/// Events of connections that are not proven yet (MqttStreams::is_proven), in order. Holds at most kMax
/// events: a new one evicts the oldest.
class UnprovenEvents {
 public:
  static constexpr std::size_t kMax = 1024;

  /// Returns whether an event was evicted.
  template <class Event>
  bool add(const Flow& flow, const Event& event) {
    const bool full = events_.size() == kMax;
    if (full) events_.erase(events_.begin());
    events_.emplace_back(flow.index, event);
    return full;
  }

  bool empty() const { return events_.empty(); }

  /// Emits the events of a connection.
  void release(const Flow& flow, EventSink& sink) {
    for (const auto& [index, event] : events_) {
      if (index != flow.index) continue;
      if (const auto* code = std::get_if<ReasonEvent>(&event)) sink.on_code(*code);
      if (const auto* close = std::get_if<CloseEvent>(&event)) sink.on_close(*close);
    }
    forget(flow);
  }

  /// Deletes the events of a connection. Returns how many there were.
  std::size_t forget(const Flow& flow) {
    return std::erase_if(events_, [&](const auto& entry) { return entry.first == flow.index; });
  }

 private:
  std::vector<std::pair<std::uint32_t, std::variant<ReasonEvent, CloseEvent>>> events_;
};

}  // namespace mre
