// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mre {

/// What one client may use up is counted by this: an IPv4 address, or the /64 of an IPv6 address, because
/// whoever has one address of it has them all. `address` is numeric, without brackets; an IPv4 address that
/// is mapped into IPv6 counts as IPv4.
std::string share_of(std::string_view address);

/// What a connection does, the first to be given up first.
enum class Activity : std::uint8_t {
  idle,       ///< Waits for another request, or for the client to close.
  reading,    ///< TLS handshake, or a request that has not arrived as a whole.
  verifying,  ///< Its password waits to be checked.
  writing,    ///< The client has not received the whole answer.
  working,    ///< The answer is being made.
};

struct Visitor {
  std::string share;
  Activity activity = Activity::reading;
  std::chrono::steady_clock::time_point since{};  ///< Of the activity.
  std::size_t held = 0;                           ///< Bytes of the answer that are held for it.
};

struct AdmissionLimits {
  std::size_t connections;  ///< In all.
  std::size_t per_share;
  std::size_t held;  ///< Bytes of answers, in all. A single answer may be larger.
};

/// The visitor that must be given up to keep the limits; nullptr: they are kept. It belongs to a share that
/// has too many connections, else to the share with the most connections (or bytes, if these are too many),
/// and is the one with the least activity, for the longest time. Never one that is `working`, except when all
/// are.
const Visitor* find_surplus(const std::vector<const Visitor*>& visitors, const AdmissionLimits& limits);

/// One request per `interval` from each share, and up to `burst` at once after a pause.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  /// Whether the request that comes now is within the limit. Always if `interval` is 0.
  bool allow(const std::string& share, std::chrono::nanoseconds interval, unsigned burst,
             Clock::time_point now);

 private:
  static constexpr std::size_t kMaxShares = 1024;  ///< Further ones share one limit.

  std::map<std::string, Clock::time_point> paid_until_;  ///< Later than now: so much has been used.
};

}  // namespace mre
