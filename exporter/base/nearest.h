// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mre {

/// The candidate that `word` was most likely meant to be; nothing if none is near (a third of its letters
/// wrong).
std::optional<std::string_view> nearest(std::string_view word, std::span<const std::string_view> candidates);

/// What to do about an unknown word: `did you mean "x"?`, or else `use one of: x, y`.
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace mre
