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

/// How the record states the event.
enum class Evidence : std::uint8_t {
  code_in_record,  ///< "explicit": the record contains the code, as a number or by name.
  inferred,        ///< "inferred": the record implies the code by its wording.
};

/// The label value: "explicit" or "inferred".
constexpr std::string_view to_string(Evidence evidence) {
  return evidence == Evidence::code_in_record ? "explicit" : "inferred";
}

/// One reason code that was sent over the wire, as reported by one record.
struct ReasonEvent {
  mqtt::Packet packet;
  mqtt::Direction direction;
  mqtt::Protocol protocol;
  std::uint8_t code;  ///< The byte as it was on the wire.
  Evidence evidence;

  auto operator<=>(const ReasonEvent&) const = default;
};

/// The end of a connection for a known reason, without a reason code on the wire.
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

/// A message, subscription or connection that the broker refused without a reason code on the wire: for
/// example a PUBLISH with QoS 0, or one of an MQTT 3 client, which is acknowledged without a code or not at
/// all.
struct DenialEvent {
  mqtt::Protocol protocol;
  Action action;
  mqtt::CloseReason reason;  ///< Of class error.
  /// The broker may also have sent a PUBACK or PUBREC with a code; the record does not say. Not compared.
  bool or_code = false;

  friend auto operator<=>(const DenialEvent& a, const DenialEvent& b) { return a.key() <=> b.key(); }
  friend bool operator==(const DenialEvent& a, const DenialEvent& b) { return a.key() == b.key(); }

 private:
  std::tuple<mqtt::Protocol, Action, mqtt::CloseReason> key() const { return {protocol, action, reason}; }
};

}  // namespace mre
