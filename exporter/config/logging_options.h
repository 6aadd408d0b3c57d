// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "exporter/config/values.h"

namespace mre {

enum class LogLevel : std::uint8_t { debug, info, warn, error };
enum class LogFormat : std::uint8_t { logfmt, json };

/// Logging of the exporter itself, to standard error. LogOptions are the options of a broker's log.
struct LoggingOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::logfmt;

  bool operator==(const LoggingOptions&) const = default;
};

inline constexpr ValueName<LogLevel> kLogLevels[] = {{LogLevel::debug, "debug"},
                                                     {LogLevel::info, "info"},
                                                     {LogLevel::warn, "warn"},
                                                     {LogLevel::error, "error"}};
inline constexpr ValueName<LogFormat> kLogFormats[] = {{LogFormat::logfmt, "logfmt"},
                                                       {LogFormat::json, "json"}};
inline std::span<const ValueName<LogLevel>> value_names(LogLevel) { return kLogLevels; }
inline std::span<const ValueName<LogFormat>> value_names(LogFormat) { return kLogFormats; }

}  // namespace mre
