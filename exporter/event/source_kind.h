// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mre {

/// The kind of source a record comes from. A rule of a profile names the kinds it applies to.
enum class SourceKind : std::uint8_t { log, mqtt, capture };
/// The kinds whose records a profile decodes. Captured packets need no profile: the MQTT standard defines
/// them.
inline constexpr SourceKind kProfiledKinds[] = {SourceKind::log, SourceKind::mqtt};
inline constexpr std::size_t kSourceKinds = 3;

constexpr std::string_view to_string(SourceKind kind) {
  constexpr std::string_view names[kSourceKinds] = {"log", "mqtt", "capture"};
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace mre
