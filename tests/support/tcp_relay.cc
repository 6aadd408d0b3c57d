// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tcp_relay.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace mre::test {
namespace {

/// Whether `from` lives on. `to` must take what it is given.
bool copy(int from, int to) {
  std::array<char, 65'536> bytes;
  const ssize_t got = ::recv(from, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  for (ssize_t sent = 0; sent < got;) {
    const ssize_t part = ::send(to, bytes.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
    if (part <= 0) return false;
    sent += part;
  }
  return got > 0;
}

}  // namespace

TcpRelay::TcpRelay(std::uint16_t target) : target_(target), listener_(16) {
  thread_ = std::thread([this] { run(); });
}

TcpRelay::~TcpRelay() {
  stopping_ = true;
  thread_.join();
}

void TcpRelay::run() {
  while (!stopping_) {
    // Before the cuts: what was held when a cut was asked for goes with it.
    const bool hold = hold_clients_;
    const bool frozen = frozen_;
    if (const unsigned cuts = cuts_; cuts != cuts_done_) {
      cuts_done_ = cuts;
      pairs_.clear();
    }
    std::vector<pollfd> fds = {{listener_.get(), POLLIN, 0}};
    for (const Pair& pair : pairs_) {
      if (!frozen && !hold) fds.push_back({pair.client.get(), POLLIN, 0});
      if (!frozen) fds.push_back({pair.target.get(), POLLIN, 0});
    }
    ::poll(fds.data(), fds.size(), 5);
    if ((fds[0].revents & POLLIN) != 0) accept_one();
    if (!frozen) std::erase_if(pairs_, [hold](const Pair& pair) { return !pass(pair, hold); });
  }
}

void TcpRelay::accept_one() {
  Pair pair{Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)), tcp_socket()};
  if (connect_to(pair.target, target_)) pairs_.push_back(std::move(pair));
}

bool TcpRelay::pass(const Pair& pair, bool hold_client) {
  return copy(pair.target.get(), pair.client.get()) &&
         (hold_client || copy(pair.client.get(), pair.target.get()));
}

}  // namespace mre::test
