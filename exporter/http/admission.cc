// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/admission.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <utility>

namespace mre {

std::string client_group(std::string_view address) {
  std::string text(address.substr(0, address.find('%')));
  in6_addr bytes{};
  if (inet_pton(AF_INET6, text.c_str(), &bytes) != 1) return text;
  char group[INET6_ADDRSTRLEN] = "";
  if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
    inet_ntop(AF_INET, bytes.s6_addr + 12, group, sizeof group);
    return group;
  }
  std::fill(bytes.s6_addr + 8, bytes.s6_addr + 16, std::uint8_t{0});
  inet_ntop(AF_INET6, &bytes, group, sizeof group);
  return std::string(group) + "/64";
}

namespace {

/// The time after which a connection that does not get on is closed before one that has just come.
constexpr std::chrono::milliseconds kStalled{20};
constexpr std::chrono::seconds kSlow{1};

/// Connections of a lower rank are closed first.
int rank_of(const ClientUse& use, std::chrono::steady_clock::time_point now) {
  constexpr int kActivities = static_cast<int>(Activity::working) + 1;
  const auto waits = now - use.since;
  if (use.activity == Activity::idle) return 0;
  if (waits > kSlow) return 1;
  return (waits > kStalled || use.served ? 1 : 2) * kActivities + static_cast<int>(use.activity);
}

}  // namespace

const ClientUse* find_excess(const std::vector<const ClientUse*>& uses, const AdmissionLimits& limits,
                             std::chrono::steady_clock::time_point now) {
  std::map<std::string_view, std::size_t> connections;
  std::map<std::string_view, std::size_t> unsent;
  std::size_t all_unsent = 0;
  std::size_t waiting = 0;
  for (const ClientUse* use : uses) {
    ++connections[use->group];
    unsent[use->group] += use->unsent;
    all_unsent += use->unsent;
    waiting += use->unsent > 0 ? 1 : 0;
  }
  const auto max_of = [](const auto& amounts) {
    std::size_t amount = 0;
    for (const auto& [group, of_group] : amounts) amount = std::max(amount, of_group);
    return amount;
  };
  const std::size_t max_connections = max_of(connections);
  const bool too_many = uses.size() > limits.connections || max_connections > limits.per_group;
  if (!too_many && (all_unsent <= limits.unsent || waiting < 2)) return nullptr;

  const auto& amounts = too_many ? connections : unsent;
  const std::size_t amount = max_of(amounts);
  const ClientUse* excess = nullptr;
  for (const ClientUse* use : uses) {
    if (amounts.at(use->group) < amount || (!too_many && use->unsent == 0)) continue;
    const auto order = [now](const ClientUse& of) { return std::pair(rank_of(of, now), of.since); };
    if (excess == nullptr || order(*use) < order(*excess)) excess = use;
  }
  return excess;
}

bool RateLimit::allow(const std::string& group, std::chrono::nanoseconds interval, unsigned burst,
                      Clock::time_point now) {
  if (interval <= std::chrono::nanoseconds::zero()) return true;
  if (paid_until_.size() >= kMaxGroups && !paid_until_.contains(group))
    std::erase_if(paid_until_, [now](const auto& entry) { return entry.second <= now; });
  const bool full = paid_until_.size() >= kMaxGroups && !paid_until_.contains(group);
  auto& paid_until = paid_until_[full ? std::string() : group];
  const auto begin = std::max(paid_until, now);
  const std::chrono::duration<double> allowance =
      std::chrono::duration<double>(interval) * (std::max(burst, 1U) - 1);
  if (begin - now > allowance) return false;
  paid_until = begin + interval;
  return true;
}

}  // namespace mre
