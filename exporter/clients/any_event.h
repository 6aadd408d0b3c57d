// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>
#include <variant>

#include "exporter/event/reason_event.h"

namespace mre {

/// An event of any kind.
using AnyEvent = std::variant<ReasonEvent, CloseEvent, DenialEvent>;

/// Events that people look at together: they differ only in direction, protocol, evidence and initiator.
struct EventGroup {
  /// The packet of a code, "CONNACK"; "end" of a connection; what was denied without a code: "publish denied".
  std::string_view what = {};
  std::string_view reason = {};  ///< The label `reason`: "not_authorized".

  auto operator<=>(const EventGroup&) const = default;
};

/// The views are valid for ever.
EventGroup group_of(const AnyEvent& event);

mqtt::Class class_of(const AnyEvent& event);

/// Whether the history keeps such events: codes and denials of class error, and ends that are not normal.
inline bool is_remarkable(const ReasonEvent& event) {
  return mqtt::classify(event.protocol, event.packet, event.code) == mqtt::Class::error;
}
bool is_remarkable(const CloseEvent& event);
inline bool is_remarkable(const DenialEvent&) { return true; }

}  // namespace mre
