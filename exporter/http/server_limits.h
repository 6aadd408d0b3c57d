// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace mre {

/// What clients may use up. The defaults are what the exporter serves with; tests choose less.
struct ServerLimits {
  /// From a connection to the end of its first request, the TLS handshake included; of further requests, from
  /// their first byte.
  std::chrono::milliseconds head_time = std::chrono::seconds(10);
  /// From the end of a request until its answer has been received, without the time it takes to make it.
  std::chrono::milliseconds answer_time = std::chrono::seconds(30);
  /// Between two requests on a connection. Longer than the usual interval of scrapes.
  std::chrono::seconds idle_time{75};
  /// For the client to close after the last answer.
  std::chrono::milliseconds linger_time = std::chrono::seconds(1);
  /// For requests that are being answered when the server is stopped.
  std::chrono::milliseconds stop_time = std::chrono::seconds(1);

  std::size_t requests = 1000;                ///< On one connection.
  std::size_t connections = 64;               ///< On all listeners together; fewer where descriptors are few.
  std::size_t connections_of_share = 16;      ///< See share_of. At most a quarter of all.
  std::size_t held_bytes = 32 * 1024 * 1024;  ///< Of answers that have not been received, in all.
};

}  // namespace mre
