// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

/// Running text and columns for people.
namespace mre {

inline constexpr std::size_t kWidth = 80;  ///< Columns of running text for people.

std::size_t columns(std::string_view utf8);                    ///< Characters, each one column wide.
std::string padded(std::string_view utf8, std::size_t width);  ///< With spaces after the text.
std::string padded_left(std::string_view utf8, std::size_t width);

/// `text` wrapped at spaces to end before column `width`. The first line is printed at column `indent`; the other lines
/// are indented by that much. No newline at the end.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = kWidth);

}  // namespace mre
