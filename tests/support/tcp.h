// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <netinet/in.h>

#include <cstdint>

#include "exporter/base/fd.h"

namespace mre::test {

/// Port `port` of 127.0.0.1.
sockaddr_in loopback(std::uint16_t port);

Fd tcp_socket();

/// Whether the peer took the connection.
bool connect_to(const Fd& socket, std::uint16_t port);

/// Listens on a port of 127.0.0.1 that nobody else has.
class TcpListener {
 public:
  /// Throws std::runtime_error if there is none.
  explicit TcpListener(int backlog);

  int get() const { return socket_.get(); }
  std::uint16_t port() const { return port_; }

 private:
  Fd socket_;
  std::uint16_t port_ = 0;
};

}  // namespace mre::test
