// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace mre {

/// A time in milliseconds since 1970 as "2026-11-30T05:42:46.120Z".
std::string utc_text(std::int64_t unix_ms);

}  // namespace mre
