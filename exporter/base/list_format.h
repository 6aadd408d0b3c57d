// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace mre {

/// How a command that lists things prints them.
enum class ListFormat : std::uint8_t { text, json, markdown };

}  // namespace mre
