// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace mre {

/// Length of the abbreviated month name at the beginning of `text`, its dot included, as strftime's %b writes
/// it in the common locales; 0 if there is none. The longest match is used.
std::size_t month_length(std::string_view text);

}  // namespace mre
