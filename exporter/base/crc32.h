// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace mre {

/// The CRC-32 of gzip and PNG (RFC 1952, section 8): finds damage, and is no defence against an attacker.
std::uint32_t crc32(std::string_view bytes);

}  // namespace mre
