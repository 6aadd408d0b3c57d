// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace mre {

/// Output format of the commands that print lists.
enum class ListFormat : std::uint8_t { text, json, markdown };

}  // namespace mre
