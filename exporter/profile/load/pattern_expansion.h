// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// Expands a pattern into one pattern for each combination of its optional and alternative words:
///
///   Client gone{?, reason: {word}}     `, reason: {word}` may be missing
///   Sent a {:PUBLISH|SUBSCRIBE}        exactly one of the two
///
/// Both may contain fields and be nested. The expansion with all words comes first. There are at most
/// `kMaxAlternatives`. The error text has no file and line.
inline constexpr std::size_t kMaxAlternatives = 64;
Result<std::vector<std::string>> expand_alternatives(std::string_view source);

}  // namespace mre
