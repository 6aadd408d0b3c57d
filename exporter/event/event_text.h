// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/event/reason_event.h"

namespace mre {

/// An event as one line for people and for the examples of a profile:
///   "CONNACK sent 5.0 0x87 explicit"   packet, direction, protocol, code, evidence
///   "close 3.1.1 keep_alive_timeout broker"   protocol, reason, initiator
///   "denial 3.1.1 publish not_authorized"   protocol, action, reason
std::string to_text(const ReasonEvent& event);
std::string to_text(const CloseEvent& event);
std::string to_text(const DenialEvent& event);

/// A byte as the `code` label: "0x8D".
std::string code_label(std::uint8_t code);

}  // namespace mre
