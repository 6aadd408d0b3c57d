// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace mre {

/// Limits the size of packets that the MQTT library accepts. The library allocates a buffer of the size that
/// a packet claims, up to 256 MiB, and has no setting for that. But it requests the whole rest of a packet at
/// once by recv(2) or SSL_read(3), which receive_limit.cc replaces in this process: a request above the
/// largest limit fails with EMSGSIZE, and the library ends the connection.
///
/// Each MQTT source has a limit. The largest one applies to all; without any, all requests pass. A limit is
/// at least 256 KiB, which no other code of the process requests at once.
class ReceiveLimit {
 public:
  explicit ReceiveLimit(std::size_t bytes);
  ~ReceiveLimit();
  ReceiveLimit(const ReceiveLimit&) = delete;
  ReceiveLimit& operator=(const ReceiveLimit&) = delete;

  /// Returns and clears the size of the last request that failed on this thread; 0 if none failed.
  static std::size_t pop_refused();

 private:
  static constexpr std::size_t kMin = 256 * 1024;
  const std::size_t bytes_;
};

}  // namespace mre
