// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tcp.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <stdexcept>

namespace mre::test {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

Fd tcp_socket() { return Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

bool connect_to(const Fd& socket, std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

TcpListener::TcpListener(int backlog) : socket_(tcp_socket()) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* const bare = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket_.get(), bare, size) != 0 || ::getsockname(socket_.get(), bare, &size) != 0 ||
      ::listen(socket_.get(), backlog) != 0) {
    throw std::runtime_error("no port of 127.0.0.1 to listen on");
  }
  port_ = ntohs(address.sin_port);
}

}  // namespace mre::test
