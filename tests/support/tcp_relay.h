// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "exporter/base/fd.h"
#include "tests/support/tcp.h"

namespace mre::test {

/// A network that can fail: passes bytes between its own port of 127.0.0.1 and another one, until told not
/// to.
class TcpRelay {
 public:
  explicit TcpRelay(std::uint16_t target);
  ~TcpRelay();
  TcpRelay(const TcpRelay&) = delete;
  TcpRelay& operator=(const TcpRelay&) = delete;

  std::uint16_t port() const { return listener_.port(); }

  /// Ends all connections that there are now.
  void cut() { ++cuts_; }
  /// While on: what the clients send goes nowhere. Then it is passed on.
  void hold_clients(bool on) { hold_clients_ = on; }
  /// While on: nothing is passed in either direction, and connections are taken without a word.
  void freeze(bool on) { frozen_ = on; }

 private:
  struct Pair {
    Fd client;
    Fd target;
  };

  void run();
  void accept_one();
  /// False: one side has ended.
  static bool pass(const Pair& pair, bool hold_client);

  const std::uint16_t target_;
  TcpListener listener_;
  std::atomic<unsigned> cuts_{0};
  std::atomic<bool> hold_clients_{false};
  std::atomic<bool> frozen_{false};
  std::atomic<bool> stopping_{false};
  unsigned cuts_done_ = 0;
  std::vector<Pair> pairs_;
  std::thread thread_;
};

}  // namespace mre::test
