// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/utc_text.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace mre {

std::string utc_text(std::int64_t unix_ms) {
  constexpr std::int64_t ms_per_second = 1000;
  const std::time_t seconds = unix_ms / ms_per_second;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                static_cast<int>(unix_ms % ms_per_second));
  return text.data();
}

}  // namespace mre
