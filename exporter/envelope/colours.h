// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mre {

/// Removes terminal colour codes (ECMA-48, SGR: ESC [ digits ; : m). Other control sequences are not removed.
/// Returns a view of `text` if there is nothing to remove, otherwise of `buffer`.
std::string_view without_colours(std::string_view text, std::string& buffer);

/// Whether `without_colours` would change `text`.
bool has_colours(std::string_view text);

}  // namespace mre
