// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// Writes a pattern out once for each choice of its optional and alternative words:
///
///   Client gone{?, reason: {word}}     `, reason: {word}` may be missing
///   Sent a {:PUBLISH|SUBSCRIBE}        exactly one of the two
///
/// Both may hold fields and each other. With all words comes first. At most `kMostWays`; the error's text has
/// no file and no line.
inline constexpr std::size_t kMostWays = 64;
Result<std::vector<std::string>> written_out(std::string_view source);

}  // namespace mre
