// SPDX-License-Identifier: Apache-2.0
#include "exporter/feed/authority.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <tuple>

#include "exporter/base/enum_index.h"

namespace mre {
namespace {

using mqtt::Direction;
using mqtt::Packet;

/// A feed that could be the authority for one direction of a packet.
struct Candidate {
  FeedPlan* plan;
  Direction direction;
  bool claimed;
};

/// The nearer a source is to the wire, the lower.
std::size_t rank(SourceKind kind) {
  constexpr std::array order = {SourceKind::capture, SourceKind::log, SourceKind::mqtt};
  return static_cast<std::size_t>(std::distance(order.begin(), std::find(order.begin(), order.end(), kind)));
}

bool observes(const FeedPlan& plan, Packet packet, Direction direction) {
  // The wire shows also what the standard does not allow: a client that sends a SUBACK.
  if (plan.kind == SourceKind::capture && direction != Direction::unknown) return true;
  return std::any_of(plan.coverage->codes.begin(), plan.coverage->codes.end(), [&](const ReasonEvent& event) {
    return event.packet == packet && event.direction == direction;
  });
}

bool claims(const FeedPlan& plan, Packet packet, Direction direction) {
  return std::any_of(plan.claims.begin(), plan.claims.end(), [&](const AuthorityClaim& claim) {
    return claim.packet == packet && claim.direction.value_or(direction) == direction;
  });
}

/// Whether one event could be reported with either direction.
bool overlap(Direction a, Direction b) {
  return a == b || a == Direction::unknown || b == Direction::unknown;
}

bool conflict(const Candidate& a, const Candidate& b) {
  return a.plan != b.plan && a.plan->broker == b.plan->broker && overlap(a.direction, b.direction);
}

std::vector<Candidate> candidates(std::span<FeedPlan> plans, Packet packet) {
  std::vector<Candidate> out;
  for (FeedPlan& plan : plans)
    for (const Direction direction : {Direction::sent, Direction::received, Direction::unknown})
      if (observes(plan, packet, direction))
        out.push_back({&plan, direction, claims(plan, packet, direction)});
  std::stable_sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(!a.claimed, rank(a.plan->kind)) < std::tuple(!b.claimed, rank(b.plan->kind));
  });
  return out;
}

Error config_error(const FeedPlan& plan, const std::string& what) {
  return {Errc::invalid_config, "broker " + plan.broker + ": source " + plan.source + " " + what};
}

Result<void> assign_codes(std::span<FeedPlan> plans, Packet packet) {
  std::vector<Candidate> given;
  for (const Candidate& candidate : candidates(plans, packet)) {
    const auto other = std::find_if(given.begin(), given.end(),
                                    [&](const Candidate& holder) { return conflict(holder, candidate); });
    if (other == given.end()) {
      given.push_back(candidate);
      candidate.plan->authority.codes[index_of(packet)][index_of(candidate.direction)] = true;
    } else if (candidate.claimed) {
      return tl::make_unexpected(
          config_error(*candidate.plan, "and source " + other->plan->source + " are both set to count " +
                                            std::string(to_string(packet)) +
                                            ": one event would be counted twice; choose one"));
    }
  }
  return {};
}

/// Assigns events without a direction to one feed of each broker: the first one that sees them, feeds with a claim
/// first. `give(plan)` sets it in the plan.
Result<void> assign_one(std::span<FeedPlan> plans, std::string_view what, auto&& sees,
                        bool FeedPlan::* claims, auto&& give) {
  std::vector<FeedPlan*> order;
  for (FeedPlan& plan : plans)
    if (sees(plan)) order.push_back(&plan);
  std::stable_sort(order.begin(), order.end(), [&](const FeedPlan* a, const FeedPlan* b) {
    return std::tuple(!(a->*claims), rank(a->kind)) < std::tuple(!(b->*claims), rank(b->kind));
  });
  std::vector<const FeedPlan*> given;
  for (FeedPlan* plan : order) {
    const auto other = std::find_if(given.begin(), given.end(),
                                    [&](const FeedPlan* holder) { return holder->broker == plan->broker; });
    if (other == given.end()) {
      given.push_back(plan);
      give(*plan);
    } else if (plan->*claims) {
      return tl::make_unexpected(config_error(
          *plan,
          "and source " + (*other)->source + " are both set to count " + std::string(what) + ": choose one"));
    }
  }
  return {};
}

Result<void> assign_closes(std::span<FeedPlan> plans) {
  const auto sees = [](const FeedPlan& plan) { return !plan.coverage->closes.empty(); };
  const auto give = [](FeedPlan& plan) { plan.authority.closes = true; };
  return assign_one(plans, "closes", sees, &FeedPlan::claims_closes, give);
}

Result<void> assign_denials(std::span<FeedPlan> plans, Action action) {
  const auto sees = [&](const FeedPlan& plan) {
    return std::ranges::find(plan.coverage->denials, action, &DenialEvent::action) !=
           plan.coverage->denials.end();
  };
  const auto give = [&](FeedPlan& plan) { plan.authority.denials[index_of(action)] = true; };
  return assign_one(plans, "denials", sees, &FeedPlan::claims_denials, give);
}

bool counts_refused_publishes(const FeedPlan& plan) {
  return plan.authority.codes[index_of(Packet::puback)][index_of(Direction::sent)] ||
         plan.authority.codes[index_of(Packet::pubrec)][index_of(Direction::sent)];
}

void set_yields(std::span<FeedPlan> plans) {
  for (FeedPlan& plan : plans)
    plan.authority.yields_or_code =
        !plan.claims_denials && std::ranges::any_of(plans, [&](const FeedPlan& other) {
          return &other != &plan && other.broker == plan.broker && counts_refused_publishes(other);
        });
}

Result<void> check_claims(const FeedPlan& plan) {
  for (const AuthorityClaim& claim : plan.claims) {
    const bool seen =
        std::any_of(plan.coverage->codes.begin(), plan.coverage->codes.end(), [&](const ReasonEvent& event) {
          return event.packet == claim.packet && claim.direction.value_or(event.direction) == event.direction;
        });
    if (seen) continue;
    std::string what(to_string(claim.packet));
    if (claim.direction) what.append(" ").append(to_string(*claim.direction));
    return tl::make_unexpected(
        config_error(plan, "is set to count " + what + ", which its profile cannot see"));
  }
  if (plan.claims_closes && plan.coverage->closes.empty())
    return tl::make_unexpected(config_error(plan, "is set to count closes, which its profile cannot see"));
  if (plan.claims_denials && plan.coverage->denials.empty())
    return tl::make_unexpected(config_error(plan, "is set to count denials, which its profile cannot see"));
  return {};
}

}  // namespace

Result<void> assign_authority(std::span<FeedPlan> plans) {
  for (FeedPlan& plan : plans) {
    plan.authority = Authority{};
    plan.authority.closes = false;
    if (auto checked = check_claims(plan); !checked) return checked;
  }
  for (std::size_t i = 0; i < mqtt::kPackets; ++i)
    if (auto assigned = assign_codes(plans, static_cast<Packet>(i)); !assigned) return assigned;
  if (auto assigned = assign_closes(plans); !assigned) return assigned;
  for (std::size_t i = 0; i < kActions; ++i)
    if (auto assigned = assign_denials(plans, static_cast<Action>(i)); !assigned) return assigned;
  set_yields(plans);
  return {};
}

}  // namespace mre
