// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mre {

/// The candidate with the smallest edit distance to `word`; nothing if more than a third of its letters differ.
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

/// The remedy for an unknown word: `did you mean "x"?`, or else `use one of: x, y`.
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace mre
