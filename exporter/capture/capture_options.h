// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// The configuration of a capture source, with its defaults.
struct CaptureOptions {
  std::string interface = "any";
  /// Ports of the broker for MQTT or WebSocket without TLS. Empty, for recordings only: port 1883, and every
  /// port on which a connection starts with MQTT.
  std::vector<std::uint16_t> ports = {1883};
  /// Addresses of the broker, IPv4 or IPv6; 0.0.0.0 or ::: any address. Empty: the addresses of this machine;
  /// for a recording, any address.
  std::vector<std::string> addresses = {};
  /// Limit of connections that are followed at a time. A new one evicts the one that was silent for longest.
  std::size_t max_connections = 131'072;
  /// A connection without frames for this time is forgotten. Should exceed 1.5 times the longest keep-alive
  /// of the clients.
  std::chrono::seconds idle_timeout{3600};
  /// Size of the kernel's ring; frames that do not fit are counted. A configuration sets 0 to buffer_share().
  std::size_t buffer_bytes = 0;

  static constexpr std::size_t kMaxPorts = 64;
  static constexpr std::size_t kMaxAddresses = 64;
  static constexpr std::size_t kMaxConnections = 16'777'216;
  static constexpr std::size_t kMinBufferBytes = 1U << 20U;
  static constexpr std::size_t kMaxBufferBytes = 1U << 30U;

  bool operator==(const CaptureOptions&) const = default;
};

/// For display: "on any, port 1883, 8080".
std::string describe(const CaptureOptions& options);

/// Bytes of the ring of each of `captures` captures for which none is configured: 8 MiB, and half as much until
/// all together take at most 128 MiB, but at least kMinBufferBytes.
std::size_t buffer_share(std::size_t captures);

/// Whether one of the addresses is 0.0.0.0 or ::.
bool is_any(const std::vector<std::string>& addresses);

bool is_ip_address(const std::string& text);

/// Validates the options; does not check that interfaces exist. Errors: invalid_config, which names the key.
Result<void> validate(const CaptureOptions& options);

}  // namespace mre
