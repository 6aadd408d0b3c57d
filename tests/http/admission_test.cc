// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/admission.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mre {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

steady_clock::time_point at(int second) { return steady_clock::time_point(std::chrono::seconds(second)); }
const steady_clock::time_point kNow = at(100);

TEST(ClientGroup, IsAnIpv4AddressOrAnIpv6Network) {
  const struct {
    const char* why;
    const char* address;
    const char* group;
  } cases[] = {
      {"an IPv4 address", "192.0.2.1", "192.0.2.1"},
      {"the same address, mapped into IPv6", "::ffff:192.0.2.1", "192.0.2.1"},
      {"an IPv6 address belongs to its /64", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
      {"another address of the same /64", "2001:db8:1:2::1", "2001:db8:1:2::/64"},
      {"another /64", "2001:db8:1:3::1", "2001:db8:1:3::/64"},
      {"with a zone", "fe80::1%eth0", "fe80::/64"},
      {"no address, because the client has disconnected", "", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    EXPECT_EQ(client_group(c.address), c.group);
  }
}

TEST(FindExcess, ChoosesTheSlowestOfTheBusiestGroup) {
  constexpr AdmissionLimits kLimits{.connections = 4, .per_group = 3, .unsent = 100};
  using enum Activity;
  const struct {
    const char* why;
    std::vector<ClientUse> uses;
    int excess;  ///< -1: none.
  } cases[] = {
      {"no connections", {}, -1},
      {"exactly at the limit", {{"a", idle}, {"a", idle}, {"b", idle}, {"c", idle}}, -1},
      {"one too many: of the busiest group",
       {{"c", idle}, {"a", idle, at(2)}, {"b", idle}, {"a", idle, at(1)}, {"d", reading}},
       3},
      {"too many of one group, below the total limit",
       {{"a", reading, at(1)}, {"a", reading, at(0)}, {"a", idle, at(9)}, {"a", reading, at(9)}},
       2},
      {"idle before slow",
       {{"a", writing, at(0)}, {"a", reading, at(1)}, {"a", idle, at(2)}, {"a", reading, at(3)}},
       2},
      {"of the slow ones the slowest, whatever it does",
       {{"a", working, at(4)}, {"a", reading, at(2)}, {"a", writing, at(1)}, {"a", verifying, at(3)}},
       2},
      {"others do not read: not the new one",
       {{"a", writing, kNow - 500ms},
        {"a", writing, kNow - 600ms},
        {"a", writing, kNow - 700ms},
        {"a", reading, kNow}},
       2},
      {"each of another group, and none reads: not the new one",
       {{"a", writing, at(90)},
        {"b", writing, at(89)},
        {"c", writing, at(91)},
        {"d", writing, at(92)},
        {"e", reading, kNow}},
       1},
      {"others have just connected, too: not the one that receives its answer",
       {{"a", writing, kNow - 9ms},
        {"a", reading, kNow - 4ms},
        {"a", reading, kNow - 5ms},
        {"a", reading, kNow}},
       2},
      {"half a second: those that send no request before those that do not read",
       {{"a", writing, kNow - 600ms},
        {"a", verifying, kNow - 700ms},
        {"a", reading, kNow - 500ms},
        {"a", reading, kNow}},
       2},
      {"others were served before: not the new one",
       {{"a", working, kNow, 0, true},
        {"a", writing, kNow, 9, true},
        {"a", working, kNow, 0, true},
        {"a", reading, kNow}},
       1},
      {"just now: writing before working",
       {{"a", working, kNow}, {"a", working, kNow}, {"a", working, kNow}, {"a", writing, kNow}},
       3},
      {"others keep the workers busy: not the new one",
       {{"a", working, kNow - 30ms}, {"a", working, kNow - 40ms}, {"a", working, kNow}, {"a", reading, kNow}},
       1},
      {"one connection per group: the oldest",
       {{"a", reading, at(3)},
        {"b", reading, at(1)},
        {"c", reading, at(2)},
        {"d", reading, at(4)},
        {"e", reading, at(5)}},
       1},
      {"all others have just begun to work: the new one",
       {{"a", working, kNow},
        {"b", working, kNow},
        {"c", working, kNow},
        {"d", working, kNow},
        {"e", reading, kNow}},
       4},
      {"too many bytes: of the group with the most",
       {{"a", writing, at(0), 40}, {"b", writing, at(1), 40}, {"b", writing, at(2), 30}},
       1},
      {"too many bytes: a connection that has some",
       {{"a", idle, at(0), 0}, {"a", writing, at(1), 90}, {"b", writing, at(2), 20}},
       1},
      {"a large answer alone", {{"a", idle, at(0), 0}, {"a", writing, at(1), 1000}}, -1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    std::vector<const ClientUse*> uses;
    for (const ClientUse& use : c.uses) uses.push_back(&use);
    const ClientUse* const excess = find_excess(uses, kLimits, kNow);
    EXPECT_EQ(excess == nullptr ? -1 : static_cast<int>(excess - c.uses.data()), c.excess);
  }
}

TEST(RateLimit, AllowsOneRequestPerIntervalAndABurstAfterAPause) {
  RateLimit limit;
  const struct {
    const char* why;
    const char* group;
    std::chrono::milliseconds at;
    bool allowed;
  } requests[] = {
      {"the first", "a", 0ms, true},
      {"the second of a burst of two", "a", 0ms, true},
      {"the third", "a", 0ms, false},
      {"another address", "b", 0ms, true},
      {"shortly before the interval has passed", "a", 999ms, false},
      {"after one interval", "a", 1000ms, true},
      {"again at once", "a", 1000ms, false},
      {"after a long pause", "a", 60000ms, true},
      {"the second of a burst after a pause", "a", 60000ms, true},
      {"the third after a pause", "a", 60000ms, false},
  };
  for (const auto& request : requests) {
    SCOPED_TRACE(request.why);
    EXPECT_EQ(limit.allow(request.group, 1s, 2, at(1000) + request.at), request.allowed);
  }
}

TEST(RateLimit, RemembersALimitedNumberOfGroups) {
  RateLimit limit;
  int allowed = 0;
  for (int i = 0; i < 5000; ++i) allowed += limit.allow(std::to_string(i), 1h, 1, at(0)) ? 1 : 0;
  EXPECT_EQ(allowed, 1025);  // all groups beyond 1,024 share one limit
  EXPECT_TRUE(limit.allow("4000", 1h, 1, at(7200))) << "groups without recent requests are forgotten";
}

TEST(RateLimit, AnIntervalOfZeroMeansNoLimit) {
  RateLimit limit;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limit.allow("a", 0s, 1, at(0)));
}

}  // namespace
}  // namespace mre
