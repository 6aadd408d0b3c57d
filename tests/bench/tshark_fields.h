// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/measured.h"

/// The reason codes of a capture as tshark decodes them.
namespace mre {

/// Prints the fields of all frames with a packet that may have a code, one frame a line.
std::vector<std::string> tshark_command(const std::string& capture, std::uint16_t port);

/// The events in such an output: "PUBACK sent 5.0 0x87". No ends of connections.
Happened found_by_tshark(const std::string& output, std::uint16_t port);

}  // namespace mre
