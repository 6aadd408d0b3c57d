// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "exporter/mqtt/reason_code.h"

/// Ends of connections that no reason code on the wire tells: every MQTT 3.x client that times out, is taken
/// over or kicked, and every socket that just closes.
namespace mre::mqtt {

/// Who ended the connection.
enum class Initiator : std::uint8_t { broker, client, network, unknown };
inline constexpr std::size_t kInitiators = 4;

/// Why: an index into `close_reasons()`. Names that MQTT 5.0 has are the labels of its table; the rest are
/// ours.
using CloseReason = std::uint8_t;

struct CloseReasonRow {
  std::string_view label;  ///< The `reason` label.
  Class cls;
  std::string_view meaning;  ///< One sentence.
};

std::string_view to_string(Initiator initiator);
std::optional<Initiator> initiator_from(std::string_view text);

/// All reasons a profile may name: the labels of MQTT 5.0 codes with which a DISCONNECT or a CONNACK ends a
/// connection, with the class they have there, then ours. The order is no API.
std::span<const CloseReasonRow> close_reasons();

/// The index of a label; nothing if the table has none.
std::optional<CloseReason> close_reason_from(std::string_view label);

}  // namespace mre::mqtt
