#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mre {

/// What kind of source a record comes from. A rule of a profile says for which kinds it holds.
enum class SourceKind : std::uint8_t { log, mqtt };
inline constexpr std::size_t kSourceKinds = 2;
inline constexpr SourceKind kAllSourceKinds[] = {SourceKind::log, SourceKind::mqtt};

constexpr std::string_view to_string(SourceKind kind) { return kind == SourceKind::log ? "log" : "mqtt"; }

}  // namespace mre
