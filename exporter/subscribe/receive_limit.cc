// SPDX-License-Identifier: Apache-2.0
// The checked recv of the C library would conflict with the definition below.
#undef _FORTIFY_SOURCE
#include "exporter/subscribe/receive_limit.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <limits>
#include <mutex>
#include <set>
#include <utility>

namespace mre {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

std::atomic<std::size_t> largest{kNone};
thread_local std::size_t refused = 0;

std::mutex& limits_lock() {
  static std::mutex mutex;
  return mutex;
}

std::multiset<std::size_t>& limits() {
  static std::multiset<std::size_t> all;
  return all;
}

/// Whether the request is within the limit.
bool passes(std::size_t bytes) {
  if (bytes <= largest.load(std::memory_order_relaxed)) return true;
  refused = bytes;
  errno = EMSGSIZE;
  return false;
}

}  // namespace

ReceiveLimit::ReceiveLimit(std::size_t bytes) : bytes_(std::max(bytes, kMin)) {
  const std::lock_guard lock(limits_lock());
  limits().insert(bytes_);
  largest = *limits().rbegin();
}

ReceiveLimit::~ReceiveLimit() {
  const std::lock_guard lock(limits_lock());
  limits().erase(limits().find(bytes_));
  largest = limits().empty() ? kNone : *limits().rbegin();
}

std::size_t ReceiveLimit::pop_refused() { return std::exchange(refused, 0); }

}  // namespace mre

extern "C" {

/// As recv(2).
ssize_t recv(int fd, void* out, std::size_t bytes, int flags) {
  return mre::passes(bytes) ? ::recvfrom(fd, out, bytes, flags, nullptr, nullptr) : -1;
}

/// As SSL_read(3).
int SSL_read(SSL* ssl, void* out, int bytes) {
  if (bytes > 0 && !mre::passes(static_cast<std::size_t>(bytes))) return -1;
  std::size_t got = 0;
  const int done = ::SSL_read_ex(ssl, out, bytes > 0 ? static_cast<std::size_t>(bytes) : 0, &got);
  return done > 0 ? static_cast<int>(got) : -1;
}

}  // extern "C"
