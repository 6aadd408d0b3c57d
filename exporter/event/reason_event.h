// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

#include "exporter/mqtt/close_reason.h"
#include "exporter/mqtt/reason_code.h"

namespace mre {

/// How an event was learnt from its record.
enum class Evidence : std::uint8_t {
  code_in_record,  ///< "explicit": the code stood in the record, as a number or as its name.
  inferred,        ///< "inferred": the record implies the code in words.
};

/// The label value: "explicit" or "inferred".
constexpr std::string_view to_string(Evidence evidence) {
  return evidence == Evidence::code_in_record ? "explicit" : "inferred";
}

/// One reason code that went over the wire, as one record told it.
struct ReasonEvent {
  mqtt::Packet packet;
  mqtt::Direction direction;
  mqtt::Protocol protocol;
  std::uint8_t code;  ///< The byte as it was on the wire.
  Evidence evidence;

  auto operator<=>(const ReasonEvent&) const = default;
};

/// The end of a connection for a known reason that no reason code on the wire told.
struct CloseEvent {
  mqtt::Protocol protocol;
  mqtt::CloseReason reason;
  mqtt::Initiator initiator;

  auto operator<=>(const CloseEvent&) const = default;
};

/// What the broker refused.
enum class Action : std::uint8_t { publish, subscribe, connect };
inline constexpr std::size_t kActions = 3;

/// The label value: "publish", "subscribe" or "connect".
constexpr std::string_view to_string(Action action) {
  constexpr std::string_view names[kActions] = {"publish", "subscribe", "connect"};
  return names[static_cast<std::size_t>(action)];
}
constexpr std::optional<Action> action_from(std::string_view text) {
  for (const Action action : {Action::publish, Action::subscribe, Action::connect})
    if (to_string(action) == text) return action;
  return std::nullopt;
}

/// A message, subscription or connection that the broker refused, and no reason code on the wire says so: a
/// publish with QoS 0, or one of a client of MQTT 3, which is acknowledged without a code or not at all.
struct DenialEvent {
  mqtt::Protocol protocol;
  Action action;
  mqtt::CloseReason reason;  ///< Of class error.
  /// The record does not say whether the broker sent a PUBACK or PUBREC with a code after all. Not compared.
  bool or_code = false;

  friend auto operator<=>(const DenialEvent& a, const DenialEvent& b) { return a.key() <=> b.key(); }
  friend bool operator==(const DenialEvent& a, const DenialEvent& b) { return a.key() == b.key(); }

 private:
  std::tuple<mqtt::Protocol, Action, mqtt::CloseReason> key() const { return {protocol, action, reason}; }
};

}  // namespace mre
