// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <string_view>

#include "tests/support/tcp.h"

namespace mre::test {

/// A TCP connection that sends and receives exact bytes.
class RawConnection {
 public:
  /// Connects to "host:port" of this machine, from the address 127.0.0.`last_byte`. `receive_buffer` 0: the
  /// default size.
  explicit RawConnection(const std::string& address, int last_byte = 1, int receive_buffer = 0) {
    if (receive_buffer > 0)
      ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in from = loopback(0);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + static_cast<in_addr_t>(last_byte));
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from), 0);
    EXPECT_TRUE(
        connect_to(fd_, static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)))));
  }

  int fd() const { return fd_.get(); }

  /// Returns false once the peer has closed: an error may arrive before all bytes are sent.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// The bytes that arrive until `end`, until the peer closes, or within 20 s.
  std::string receive_until(std::string_view end) {
    std::string got;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (end.empty() || got.find(end) == std::string::npos) {
      pollfd readable{fd_.get(), POLLIN, 0};
      if (std::chrono::steady_clock::now() > deadline || ::poll(&readable, 1, 1000) < 0) return got;
      if (readable.revents == 0) continue;
      char buffer[4096];
      const ssize_t size = ::recv(fd_.get(), buffer, sizeof buffer, 0);
      if (size <= 0) return got;
      got.append(buffer, static_cast<std::size_t>(size));
    }
    return got;
  }

  std::string receive_all() { return receive_until({}); }

  /// Whether the peer has closed by now.
  bool is_closed() const {
    pollfd closed{fd_.get(), POLLRDHUP, 0};
    return ::poll(&closed, 1, 0) == 1;
  }

 private:
  Fd fd_ = tcp_socket();
};

}  // namespace mre::test
