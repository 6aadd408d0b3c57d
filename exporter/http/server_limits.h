// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

namespace mre {

/// Limits of what clients can use. The exporter uses the defaults; tests use smaller ones.
struct ServerLimits {
  /// From accept to the end of the first request, including the TLS handshake; for further requests, from
  /// their first byte.
  std::chrono::milliseconds head_time = std::chrono::seconds(10);
  /// For sending an answer.
  std::chrono::milliseconds answer_time = std::chrono::seconds(30);
  /// Between two requests on a connection. Longer than the usual scrape interval.
  std::chrono::seconds idle_time{75};
  /// For the client to close after the last answer.
  std::chrono::milliseconds linger_time = std::chrono::seconds(1);
  /// For requests that are being answered when the server is stopped.
  std::chrono::milliseconds stop_time = std::chrono::seconds(1);

  std::size_t requests = 1000;                  ///< Per connection.
  std::size_t connections = 64;                 ///< On all listeners; fewer if there are few descriptors.
  std::size_t connections_per_group = 16;       ///< See client_group. At most a quarter of `connections`.
  std::size_t unsent_bytes = 32 * 1024 * 1024;  ///< Buffered answers, in total.
};

}  // namespace mre
