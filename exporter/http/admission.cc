// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/admission.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <tuple>

namespace mre {

std::string share_of(std::string_view address) {
  const std::string text(address.substr(0, address.find('%')));
  in6_addr bytes{};
  if (inet_pton(AF_INET6, text.c_str(), &bytes) != 1) return text;
  char share[INET6_ADDRSTRLEN] = "";
  if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
    inet_ntop(AF_INET, bytes.s6_addr + 12, share, sizeof share);
    return share;
  }
  std::fill(bytes.s6_addr + 8, bytes.s6_addr + 16, std::uint8_t{0});
  inet_ntop(AF_INET6, &bytes, share, sizeof share);
  return std::string(share) + "/64";
}

const Visitor* find_surplus(const std::vector<const Visitor*>& visitors, const AdmissionLimits& limits) {
  std::map<std::string_view, std::size_t> connections;
  std::map<std::string_view, std::size_t> held;
  std::size_t all_held = 0;
  std::size_t holders = 0;
  for (const Visitor* visitor : visitors) {
    ++connections[visitor->share];
    held[visitor->share] += visitor->held;
    all_held += visitor->held;
    holders += visitor->held > 0 ? 1 : 0;
  }
  const auto most = [](const auto& amounts) {
    std::size_t amount = 0;
    for (const auto& [share, of_share] : amounts) amount = std::max(amount, of_share);
    return amount;
  };
  const std::size_t most_connections = most(connections);
  const bool too_many = visitors.size() > limits.connections || most_connections > limits.per_share;
  if (!too_many && (all_held <= limits.held || holders < 2)) return nullptr;

  const auto& amounts = too_many ? connections : held;
  const std::size_t amount = most(amounts);
  const Visitor* surplus = nullptr;
  for (const Visitor* visitor : visitors) {
    if (amounts.at(visitor->share) < amount || (!too_many && visitor->held == 0)) continue;
    if (surplus == nullptr ||
        std::tie(visitor->activity, visitor->since) < std::tie(surplus->activity, surplus->since)) {
      surplus = visitor;
    }
  }
  return surplus;
}

bool RateLimit::allow(const std::string& share, std::chrono::nanoseconds interval, unsigned burst,
                      Clock::time_point now) {
  if (interval <= std::chrono::nanoseconds::zero()) return true;
  if (paid_until_.size() >= kMaxShares && !paid_until_.contains(share))
    std::erase_if(paid_until_, [now](const auto& entry) { return entry.second <= now; });
  const bool full = paid_until_.size() >= kMaxShares && !paid_until_.contains(share);
  auto& paid_until = paid_until_[full ? std::string() : share];
  const auto begin = std::max(paid_until, now);
  const std::chrono::duration<double> allowance =
      std::chrono::duration<double>(interval) * (std::max(burst, 1U) - 1);
  if (begin - now > allowance) return false;
  paid_until = begin + interval;
  return true;
}

}  // namespace mre
