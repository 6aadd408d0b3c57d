// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/mqtt/reason_code.h"

/// Texts about the rows of the reason code table, for commands and pages.
namespace mre::mqtt {

std::string hex(std::uint8_t code);              ///< "0x8D"
std::string version_text(const Reason& reason);  ///< "MQTT 3.1.1"
std::string packet_list(PacketSet packets);      ///< "PUBACK, PUBREC"
std::string sender_text(const Reason& reason);   ///< "broker; in PUBACK, PUBREC also client"

/// The members of a JSON object that describes the row, without the braces:
/// "code":"0x87","decimal":135,"protocol":"5.0","name":…,"reason":…,"class":…,"packets":[…],
/// "broker_sends_in":[…],"client_sends_in":[…],"meaning":…,"first_step":…,"section":…
std::string json_members(const Reason& reason);

}  // namespace mre::mqtt
