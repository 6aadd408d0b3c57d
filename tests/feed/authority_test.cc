// SPDX-License-Identifier: Apache-2.0
#include "exporter/feed/authority.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/metrics/samples.h"

namespace mre {
namespace {

using mqtt::Direction;
using mqtt::Packet;

struct Pair {
  Packet packet;
  Direction direction;
};

constexpr Pair kConnackSent{Packet::connack, Direction::sent};
constexpr Pair kConnackReceived{Packet::connack, Direction::received};
constexpr Pair kDisconnectSent{Packet::disconnect, Direction::sent};
constexpr Pair kDisconnectReceived{Packet::disconnect, Direction::received};
constexpr Pair kDisconnectUnknown{Packet::disconnect, Direction::unknown};

struct Plan {
  std::string source;
  SourceKind kind;
  std::vector<Pair> sees;
  bool sees_closes = false;
  std::vector<AuthorityClaim> claims = {};
  bool claims_closes = false;
  std::string broker = "edge";
  std::vector<Action> sees_denials = {};
  bool claims_denials = false;
};

/// A denied PUBLISH that may have been answered with a code, and one that was not.
constexpr DenialEvent kOpenDenial{mqtt::Protocol::v5, Action::publish, {}, true};
constexpr DenialEvent kDenial{mqtt::Protocol::v5, Action::publish, {}};

/// The arguments of the function; `coverages` owns what they point to.
std::vector<FeedPlan> feed_plans(const std::vector<Plan>& plans, std::vector<Coverage>& coverages) {
  coverages.resize(plans.size());
  std::vector<FeedPlan> out;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const Plan& plan = plans[i];
    for (const Pair& pair : plan.sees)
      coverages[i].codes.push_back(
          {pair.packet, pair.direction, mqtt::Protocol::v5, 0x87, Evidence::code_in_record});
    if (plan.sees_closes) coverages[i].closes = test::coverage().closes;
    for (const Action action : plan.sees_denials)
      coverages[i].denials.push_back({mqtt::Protocol::v5, action, test::close_reason("not_authorized")});
    out.push_back({plan.broker,
                   plan.source,
                   plan.kind,
                   &coverages[i],
                   plan.claims,
                   plan.claims_closes,
                   plan.claims_denials,
                   {}});
  }
  return out;
}

/// "source: PACKET direction" for all that was given.
std::set<std::string> given(const std::vector<FeedPlan>& plans) {
  std::set<std::string> out;
  for (const FeedPlan& plan : plans) {
    if (plan.authority.closes) out.insert(plan.source + ": closes");
    for (const Action action : {Action::publish, Action::subscribe, Action::connect})
      if (plan.authority.denials[static_cast<std::size_t>(action)])
        out.insert(plan.source + ": denied " + std::string(to_string(action)));
    for (std::size_t p = 0; p < mqtt::kPackets; ++p)
      for (std::size_t d = 0; d < mqtt::kDirections; ++d)
        if (plan.authority.codes[p][d])
          out.insert(plan.source + ": " + std::string(to_string(static_cast<Packet>(p))) + " " +
                     std::string(to_string(static_cast<Direction>(d))));
  }
  return out;
}

/// The codes of all packets in both directions, and the closes.
std::set<std::string> all_that_passes(const std::string& source) {
  std::set<std::string> out = {source + ": closes"};
  for (std::size_t p = 0; p < mqtt::kPackets; ++p)
    for (const Direction direction : {Direction::sent, Direction::received})
      out.insert(source + ": " + std::string(to_string(static_cast<Packet>(p))) + " " +
                 std::string(to_string(direction)));
  return out;
}

std::set<std::string> merged(std::set<std::string> a, const std::set<std::string>& b) {
  a.insert(b.begin(), b.end());
  return a;
}

TEST(Authority, ADenialThatMayHaveACodeIsCountedByTheFeedOfTheCode) {
  constexpr Pair puback_sent{Packet::puback, Direction::sent};
  constexpr Pair pubrec_sent{Packet::pubrec, Direction::sent};
  constexpr Pair puback_received{Packet::puback, Direction::received};
  const Plan log{.source = "l", .kind = SourceKind::log, .sees = {}, .sees_denials = {Action::publish}};
  Plan log_claims = log;
  log_claims.claims_denials = true;
  Plan log_of_codes = log;
  log_of_codes.sees = {puback_sent};
  struct Row {
    const char* why;
    std::vector<Plan> plans;
    bool counts;
  };
  const Row rows[] = {
      {"a log alone", {log}, true},
      {"a log that has the codes, too", {log_of_codes}, true},
      {"beside a capture", {log, {"c", SourceKind::capture, {}}}, false},
      {"beside a source that has sent PUBACKs", {log, {"m", SourceKind::mqtt, {puback_sent}}}, false},
      {"beside a source that has sent PUBRECs", {log, {"m", SourceKind::mqtt, {pubrec_sent}}}, false},
      {"beside a source that has others",
       {log, {"m", SourceKind::mqtt, {puback_received, kConnackSent}}},
       true},
      {"beside a source whose PUBACKs it is the authority for",
       {log_of_codes, {"m", SourceKind::mqtt, {puback_sent}}},
       true},
      {"beside the capture of another broker",
       {log, {"c", SourceKind::capture, {}, false, {}, false, "core"}},
       true},
      {"the config says so", {log_claims, {"c", SourceKind::capture, {}}}, true},
  };
  for (const Row& row : rows) {
    std::vector<Coverage> coverages;
    std::vector<FeedPlan> plans = feed_plans(row.plans, coverages);
    ASSERT_TRUE(assign_authority(plans)) << row.why;
    EXPECT_EQ(plans[0].authority.counts(kOpenDenial), row.counts) << row.why;
    EXPECT_TRUE(plans[0].authority.counts(kDenial)) << row.why;
  }
}

TEST(Authority, EachEventIsAssignedToOneFeed) {
  struct Row {
    const char* why;
    std::vector<Plan> plans;
    std::set<std::string> expected;
  };
  const Row rows[] = {
      {"no feed", {}, {}},
      {"a feed alone gets what it sees",
       {{"l", SourceKind::log, {kConnackSent, kDisconnectUnknown}, true}},
       {"l: CONNACK sent", "l: DISCONNECT unknown", "l: closes"}},
      {"what no feed sees is not assigned", {{"l", SourceKind::log, {}}}, {}},
      {"log before mqtt, whatever their order in the config",
       {{"m", SourceKind::mqtt, {kConnackSent}, true}, {"l", SourceKind::log, {kConnackSent}, true}},
       {"l: CONNACK sent", "l: closes"}},
      {"a capture counts everything that can pass, but what has no direction",
       {{"l", SourceKind::log, {kConnackSent}, true},
        {"c", SourceKind::capture, {}, true},
        {"m", SourceKind::mqtt, {kDisconnectUnknown}}},
       all_that_passes("c")},
      {"the lower one fills what the higher one cannot see",
       {{"l", SourceKind::log, {kConnackSent}},
        {"m", SourceKind::mqtt, {kConnackSent, kDisconnectSent}, true}},
       {"l: CONNACK sent", "m: DISCONNECT sent", "m: closes"}},
      {"directions of one packet may go to two feeds",
       {{"l", SourceKind::log, {kDisconnectSent}},
        {"m", SourceKind::mqtt, {kDisconnectSent, kDisconnectReceived}}},
       {"l: DISCONNECT sent", "m: DISCONNECT received"}},
      {"an unknown direction may be the one that the log reports",
       {{"l", SourceKind::log, {kDisconnectSent}}, {"m", SourceKind::mqtt, {kDisconnectUnknown}}},
       {"l: DISCONNECT sent"}},
      {"and the other way round",
       {{"l", SourceKind::log, {kDisconnectUnknown}},
        {"m", SourceKind::mqtt, {kDisconnectSent, kDisconnectReceived}}},
       {"l: DISCONNECT unknown"}},
      {"within a feed they do not clash",
       {{"l", SourceKind::log, {kDisconnectUnknown, kDisconnectSent}}},
       {"l: DISCONNECT unknown", "l: DISCONNECT sent"}},
      {"two feeds of one kind: the first in the config",
       {{"a", SourceKind::log, {kConnackSent}, true},
        {"b", SourceKind::log, {kConnackSent, kConnackReceived}, true}},
       {"a: CONNACK sent", "b: CONNACK received", "a: closes"}},
      {"the config has the first word",
       {{"l", SourceKind::log, {kConnackSent, kDisconnectSent}, true},
        {"m", SourceKind::mqtt, {kConnackSent, kDisconnectSent}, true, {{Packet::connack}}, true}},
       {"m: CONNACK sent", "l: DISCONNECT sent", "m: closes"}},
      {"the config may say one direction",
       {{"l", SourceKind::log, {kDisconnectSent, kDisconnectReceived}},
        {"m",
         SourceKind::mqtt,
         {kDisconnectSent, kDisconnectReceived},
         false,
         {{Packet::disconnect, Direction::received}}}},
       {"l: DISCONNECT sent", "m: DISCONNECT received"}},
      {"a claimed unknown direction shuts out the rest",
       {{"l", SourceKind::log, {kDisconnectSent}},
        {"m", SourceKind::mqtt, {kDisconnectUnknown}, false, {{Packet::disconnect}}}},
       {"m: DISCONNECT unknown"}},
      {"brokers do not share",
       {{"l", SourceKind::log, {kConnackSent}, true},
        {"m", SourceKind::mqtt, {kConnackSent}, true, {}, false, "core"}},
       {"l: CONNACK sent", "l: closes", "m: CONNACK sent", "m: closes"}},
      {"a capture sees no denial, and each action goes to one feed",
       {{"c", SourceKind::capture, {}, true},
        {.source = "m",
         .kind = SourceKind::mqtt,
         .sees = {},
         .sees_denials = {Action::publish, Action::subscribe}},
        {.source = "l",
         .kind = SourceKind::log,
         .sees = {},
         .sees_denials = {Action::publish, Action::connect}}},
       merged(all_that_passes("c"), {"l: denied publish", "m: denied subscribe", "l: denied connect"})},
      {"the config may give the denials to another feed",
       {{.source = "l",
         .kind = SourceKind::log,
         .sees = {},
         .sees_denials = {Action::publish, Action::connect}},
        {.source = "m",
         .kind = SourceKind::mqtt,
         .sees = {},
         .sees_denials = {Action::publish},
         .claims_denials = true}},
       {"m: denied publish", "l: denied connect"}},
  };
  for (const Row& row : rows) {
    std::vector<Coverage> coverages;
    std::vector<FeedPlan> plans = feed_plans(row.plans, coverages);
    ASSERT_TRUE(assign_authority(plans)) << row.why;
    EXPECT_EQ(given(plans), row.expected) << row.why;
  }
}

TEST(Authority, AnInvalidClaimIsAConfigError) {
  struct Row {
    const char* why;
    std::vector<Plan> plans;
    std::string what;
  };
  const Row rows[] = {
      {"not seen",
       {{"l", SourceKind::log, {kConnackSent}, false, {{Packet::suback}}}},
       "broker edge: source l is set to count SUBACK, which its profile cannot see"},
      {"not in that direction",
       {{"l", SourceKind::log, {kConnackSent}, false, {{Packet::connack, Direction::received}}}},
       "broker edge: source l is set to count CONNACK received, which its profile cannot see"},
      {"no closes",
       {{"l", SourceKind::log, {kConnackSent}, false, {}, true}},
       "broker edge: source l is set to count closes, which its profile cannot see"},
      {"no denials",
       {{.source = "l", .kind = SourceKind::log, .sees = {kConnackSent}, .claims_denials = true}},
       "broker edge: source l is set to count denials, which its profile cannot see"},
      {"two claims of denials",
       {{.source = "l",
         .kind = SourceKind::log,
         .sees = {},
         .sees_denials = {Action::publish},
         .claims_denials = true},
        {.source = "m",
         .kind = SourceKind::mqtt,
         .sees = {},
         .sees_denials = {Action::publish},
         .claims_denials = true}},
       "broker edge: source m and source l are both set to count denials: choose one"},
      {"two claims",
       {{"l", SourceKind::log, {kConnackSent}, false, {{Packet::connack}}},
        {"m", SourceKind::mqtt, {kConnackSent}, false, {{Packet::connack, Direction::sent}}}},
       "broker edge: source m and source l are both set to count CONNACK: one event would be counted twice; "
       "choose one"},
      {"two claims of closes",
       {{"l", SourceKind::log, {}, true, {}, true}, {"m", SourceKind::mqtt, {}, true, {}, true}},
       "broker edge: source m and source l are both set to count closes: choose one"},
  };
  for (const Row& row : rows) {
    std::vector<Coverage> coverages;
    std::vector<FeedPlan> plans = feed_plans(row.plans, coverages);
    const auto assigned = assign_authority(plans);
    ASSERT_FALSE(assigned) << row.why;
    EXPECT_EQ(assigned.error().code, Errc::invalid_config) << row.why;
    EXPECT_EQ(assigned.error().what, row.what) << row.why;
  }
}

}  // namespace
}  // namespace mre
