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

/// The unit that limits apply to: an IPv4 address, or the /64 of an IPv6 address, because a client with one
/// of its addresses has them all. `address` is numeric, without brackets; an IPv4-mapped IPv6 address counts
/// as IPv4.
std::string client_group(std::string_view address);

/// What a connection is doing, in the order in which connections are closed, other things being equal.
enum class Activity : std::uint8_t {
  idle,       ///< Waits for another request, or for the client to close.
  reading,    ///< TLS handshake, or an incomplete request.
  verifying,  ///< Its password waits to be checked.
  writing,    ///< The client has not received the whole answer.
  working,    ///< The answer is being made.
};

/// What a connection uses.
struct ClientUse {
  std::string group;  ///< client_group() of its peer.
  Activity activity = Activity::reading;
  /// Start of the activity; while `writing`, when the client last received something.
  std::chrono::steady_clock::time_point since{};
  std::size_t unsent = 0;  ///< Bytes of the answer that are buffered.
  bool served = false;     ///< It has sent an answer before.
};

struct AdmissionLimits {
  std::size_t connections;  ///< In total.
  std::size_t per_group;    ///< Connections.
  std::size_t unsent;       ///< Bytes of answers, in total. A single answer may be larger.
};

/// The connection to close so that the limits hold; nullptr if they hold. It belongs to the group with the
/// most connections (or the most bytes, if only these are too many). Of those it is an idle one; otherwise one
/// that has waited for longer than a second; otherwise one that has waited for longer than 20 ms or was served
/// before; otherwise any. If these are several, the one with the lowest activity, for the longest time. So a
/// client that has just connected is not closed for others that do not read, or that keep the workers busy.
const ClientUse* find_excess(const std::vector<const ClientUse*>& uses, const AdmissionLimits& limits,
                             std::chrono::steady_clock::time_point now);

/// Allows one request per `interval` from each group, and up to `burst` at once after a pause.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  /// Whether a request at `now` is within the limit. Always true if `interval` is 0.
  bool allow(const std::string& group, std::chrono::nanoseconds interval, unsigned burst,
             Clock::time_point now);

 private:
  static constexpr std::size_t kMaxGroups = 1024;  ///< Further groups have one common limit.

  std::map<std::string, Clock::time_point> paid_until_;  ///< After now: the part of the burst that is used.
};

}  // namespace mre
