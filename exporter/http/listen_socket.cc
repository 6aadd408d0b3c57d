// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/listen_socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <system_error>

#include "exporter/base/text.h"

namespace mre {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Result<Addresses> resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string service = std::to_string(port);
  const int error = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &found);
  if (error != 0) {
    return fail(Errc::invalid_config,
                "listen address: host \"" + printable(host) + "\": " + gai_strerror(error));
  }
  return Addresses(found);
}

/// Empty if the socket is not an IP socket.
ListenAddress address_of(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* const bare = reinterpret_cast<sockaddr*>(&address);
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (::getsockname(socket, bare, &size) != 0 ||
      (address.ss_family != AF_INET && address.ss_family != AF_INET6) ||
      ::getnameinfo(bare, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return {};
  }
  return {host, static_cast<std::uint16_t>(std::strtoul(port, nullptr, 10))};
}

/// Returns an empty descriptor and sets errno if the system refuses. Without SO_REUSEPORT, which would let
/// two exporters share one port.
Fd try_listen(const addrinfo& address) {
  Fd socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return {};
  const int on = 1;
  const int off = 0;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.ai_family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (::bind(socket.get(), address.ai_addr, address.ai_addrlen) != 0 ||
      ::listen(socket.get(), SOMAXCONN) != 0) {
    const int error = errno;
    socket = Fd();
    errno = error;
    return {};
  }
  return socket;
}

int variable(const char* name) {
  const char* const text = std::getenv(name);
  if (text == nullptr) return 0;
  const std::string_view digits(text);
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc{} && end == digits.data() + digits.size() ? value : 0;
}

bool is_listening_tcp(int fd) {
  int listening = 0;
  int type = 0;
  socklen_t size = sizeof listening;
  return ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening == 1 &&
         ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

}  // namespace

Result<ListenSocket> listen_on(const std::string& text) {
  const auto wanted = parse_listen_address(text);
  if (!wanted) return tl::make_unexpected(wanted.error());
  std::vector<std::string> hosts{wanted->host};
  if (wanted->host.empty()) hosts = {"::", "0.0.0.0"};
  int error = 0;
  for (const std::string& host : hosts) {
    const auto found = resolve(host, wanted->port);
    if (!found) return tl::make_unexpected(found.error());
    for (const addrinfo* entry = found->get(); entry != nullptr; entry = entry->ai_next) {
      if (Fd socket = try_listen(*entry)) {
        ListenAddress address = address_of(socket.get());
        return ListenSocket{std::move(socket), std::move(address)};
      }
      error = errno;
      if (error == EADDRINUSE) break;  // do not listen on some of a host's addresses only
    }
    if (error == EADDRINUSE) break;
  }
  const char* advice =
      error == EADDRINUSE ? ": stop the process that uses this port, or choose another port" : "";
  return fail(Errc::unavailable,
              "cannot listen on " + printable(text) + ": " + std::generic_category().message(error) + advice);
}

Result<std::vector<ListenSocket>> systemd_sockets() {
  constexpr int kFirst = 3;
  const int count = variable("LISTEN_PID") == ::getpid() ? variable("LISTEN_FDS") : 0;
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
  if (count <= 0) {
    return fail(Errc::invalid_config,
                "systemd passed no socket: start the exporter with a .socket unit, or remove "
                "--web.systemd-socket");
  }
  std::vector<ListenSocket> sockets;
  for (int fd = kFirst; fd < kFirst + count; ++fd) {
    ListenAddress address = address_of(fd);
    if (!is_listening_tcp(fd) || address.host.empty()) {
      return fail(Errc::invalid_config, "descriptor " + std::to_string(fd) +
                                            " from systemd is not a listening TCP socket: use ListenStream= "
                                            "with a port, and Accept=no, in the .socket unit");
    }
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    sockets.push_back({Fd(fd), std::move(address)});
  }
  return sockets;
}

}  // namespace mre
