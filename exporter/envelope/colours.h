// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mre {

/// `text` without the codes that colour it on a terminal (ECMA-48, SGR: ESC [ digits ; : m). Other control
/// sequences stay. A view of `text` if there are none, else of `buffer`.
std::string_view without_colours(std::string_view text, std::string& buffer);

/// Whether `without_colours` would change it.
bool has_colours(std::string_view text);

}  // namespace mre
