// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "exporter/mqtt/reason_code.h"

/// Ends of connections for which no reason code is sent: MQTT 3.x clients that time out, are taken over or
/// kicked, and sockets that are closed without a DISCONNECT.
namespace mre::mqtt {

/// Who ended the connection.
enum class Initiator : std::uint8_t { broker, client, network, unknown };
inline constexpr std::size_t kInitiators = 4;

/// The reason, as an index into `close_reasons()`. A reason that MQTT 5.0 has a code for uses its label; the
/// others are defined here.
using CloseReason = std::uint8_t;

struct CloseReasonRow {
  std::string_view label;  ///< The `reason` label.
  Class cls;
  std::string_view meaning;  ///< One sentence.
};

std::string_view to_string(Initiator initiator);
std::optional<Initiator> initiator_from(std::string_view text);

/// All reasons a profile may name: the labels of MQTT 5.0 codes with which a DISCONNECT or a CONNACK ends a
/// connection, with the class they have there, then the additional ones. The order is not an API.
std::span<const CloseReasonRow> close_reasons();

/// The index of a label; nullopt if the table has no such label.
std::optional<CloseReason> close_reason_from(std::string_view label);

/// Whether a code of the standard has this label.
bool has_code(std::string_view label);

}  // namespace mre::mqtt
