// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mre {

/// `text` as one gzip member, packed at level 1, which costs a third of the CPU of level 6 for an exposition and makes
/// it a third larger. Empty if there is not enough memory.
std::string gzip(std::string_view text);

}  // namespace mre
