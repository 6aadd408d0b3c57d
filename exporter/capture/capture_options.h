// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// What a user says about a capture source. Every default is written here and nowhere else.
struct CaptureOptions {
  std::string interface = "any";
  /// Of the broker: where clients connect to, MQTT or WebSocket without TLS. Empty is for recordings only:
  /// every connection that begins with MQTT, and port 1883.
  std::vector<std::uint16_t> ports = {1883};
  /// Of the broker, IPv4 or IPv6; 0.0.0.0 or ::: any. Empty: those of this machine, of a recording any.
  std::vector<std::string> addresses = {};
  std::size_t max_connections = 131'072;  ///< Followed at a time; the one silent for longest makes room.
  /// A connection of which nothing was seen for so long is forgotten. Above 1.5 times the longest keep-alive
  /// that clients use.
  std::chrono::seconds idle_timeout{3600};
  std::size_t buffer_bytes = 8U << 20U;  ///< The kernel's ring: a burst that is longer is lost, and counted.

  static constexpr std::size_t kMostPorts = 64;
  static constexpr std::size_t kMostAddresses = 64;
  static constexpr std::size_t kMostConnections = 16'777'216;
  static constexpr std::size_t kLeastBufferBytes = 1U << 20U;
  static constexpr std::size_t kMostBufferBytes = 1U << 30U;

  bool operator==(const CaptureOptions&) const = default;
};

/// For people: "on any, port 1883, 8080".
std::string describe(const CaptureOptions& options);

/// Whether one of them is 0.0.0.0 or ::.
bool is_any(const std::vector<std::string>& addresses);

bool is_ip_address(const std::string& text);

/// Whether the options make sense, without looking at interfaces. The text names the key.
Result<void> validate(const CaptureOptions& options);

}  // namespace mre
