// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace mre {

/// The program. `words` is the command line without the program's name. Returns the exit status: 0 good, 1
/// findings (a lookup without an answer), 2 wrong usage, config or input.
int run(std::span<const std::string_view> words);

}  // namespace mre
