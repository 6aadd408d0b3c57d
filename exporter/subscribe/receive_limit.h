// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace mre {

/// Bounds the packets that the MQTT library takes from a broker. It makes a buffer as long as a packet says
/// it is, up to 256 MiB, and has no hook for that. But it asks the system for the whole rest of a packet at
/// once, by recv(2) or SSL_read(3), which receive_limit.cc replaces in this process: a request for more than
/// the largest limit fails there with EMSGSIZE, and the library ends the connection.
///
/// One limit for each MQTT source that there is; without any, all requests pass. None is below 1 MiB, which
/// nobody else in the process asks for at once.
class ReceiveLimit {
 public:
  explicit ReceiveLimit(std::size_t bytes);
  ~ReceiveLimit();
  ReceiveLimit(const ReceiveLimit&) = delete;
  ReceiveLimit& operator=(const ReceiveLimit&) = delete;

  /// The bytes of the request that failed last on this thread, and forgets it; 0 if none did.
  static std::size_t take_refused();

 private:
  static constexpr std::size_t kMin = 1024 * 1024;
  const std::size_t bytes_;
};

}  // namespace mre
