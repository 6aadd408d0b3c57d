// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/mqtt/reason_code.h"

/// Texts that several commands print.
namespace mre {

inline constexpr std::size_t kWidth = 80;  ///< Columns of running text for people.

std::string hex(std::uint8_t code);                    ///< "0x8D"
std::string version_text(const mqtt::Reason& reason);  ///< "MQTT 3.1.1"
std::string packet_list(mqtt::PacketSet packets);      ///< "PUBACK, PUBREC"
std::string sender_text(const mqtt::Reason& reason);   ///< "broker; in PUBACK, PUBREC also client"

std::size_t columns(std::string_view utf8);                    ///< Characters, each one column wide.
std::string padded(std::string_view utf8, std::size_t width);  ///< With spaces after the text.
std::string padded_left(std::string_view utf8, std::size_t width);

/// `text` wrapped at spaces to end before column `width`. The first line is printed at column `indent`; the other lines
/// are indented by that much. No newline at the end.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = kWidth);

}  // namespace mre
