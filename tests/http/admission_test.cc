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

TEST(ShareOf, IsWhatOneClientHas) {
  const struct {
    const char* why;
    const char* address;
    const char* share;
  } cases[] = {
      {"an IPv4 address", "192.0.2.1", "192.0.2.1"},
      {"the same, mapped", "::ffff:192.0.2.1", "192.0.2.1"},
      {"an IPv6 address is one of many of its owner", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
      {"another one of the same owner", "2001:db8:1:2::1", "2001:db8:1:2::/64"},
      {"another owner", "2001:db8:1:3::1", "2001:db8:1:3::/64"},
      {"with a zone", "fe80::1%eth0", "fe80::/64"},
      {"no address, because the client has gone", "", ""},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    EXPECT_EQ(share_of(c.address), c.share);
  }
}

TEST(FindSurplus, GivesUpTheLeastActiveOfTheBusiest) {
  constexpr AdmissionLimits kLimits{.connections = 4, .per_share = 3, .held = 100};
  using enum Activity;
  const struct {
    const char* why;
    std::vector<Visitor> visitors;
    int surplus;  ///< -1: none.
  } cases[] = {
      {"nobody", {}, -1},
      {"as many as may be", {{"a", idle}, {"a", idle}, {"b", idle}, {"c", idle}}, -1},
      {"one too many: of the busiest",
       {{"c", idle}, {"a", idle, at(2)}, {"b", idle}, {"a", idle, at(1)}, {"d", reading}},
       3},
      {"too many of one address, though there is room",
       {{"a", reading, at(1)}, {"a", reading, at(0)}, {"a", idle, at(9)}, {"a", reading, at(9)}},
       2},
      {"idle before slow, slow before working",
       {{"a", working, at(0)}, {"a", writing, at(1)}, {"a", reading, at(2)}, {"a", reading, at(3)}},
       2},
      {"slow to read before working",
       {{"a", working, at(0)}, {"a", working, at(1)}, {"a", working, at(2)}, {"a", writing, at(3)}},
       3},
      {"all have one: the longest",
       {{"a", reading, at(3)},
        {"b", reading, at(1)},
        {"c", reading, at(2)},
        {"d", reading, at(4)},
        {"e", reading, at(5)}},
       1},
      {"all work: the newcomer",
       {{"a", working}, {"b", working}, {"c", working}, {"d", working}, {"e", reading, at(9)}},
       4},
      {"too many bytes: of the address with the most",
       {{"a", writing, at(0), 40}, {"b", writing, at(1), 40}, {"b", writing, at(2), 30}},
       1},
      {"too many bytes: nobody who has none",
       {{"a", idle, at(0), 0}, {"a", writing, at(1), 90}, {"b", writing, at(2), 20}},
       1},
      {"a large answer alone", {{"a", idle, at(0), 0}, {"a", writing, at(1), 1000}}, -1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    std::vector<const Visitor*> visitors;
    for (const Visitor& visitor : c.visitors) visitors.push_back(&visitor);
    const Visitor* const surplus = find_surplus(visitors, kLimits);
    EXPECT_EQ(surplus == nullptr ? -1 : static_cast<int>(surplus - c.visitors.data()), c.surplus);
  }
}

TEST(RateLimit, AllowsOneRequestPerIntervalAndABurstAfterAPause) {
  RateLimit limit;
  const struct {
    const char* why;
    const char* share;
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
      {"and a second one", "a", 60000ms, true},
      {"but not a third", "a", 60000ms, false},
  };
  for (const auto& request : requests) {
    SCOPED_TRACE(request.why);
    EXPECT_EQ(limit.allow(request.share, 1s, 2, at(1000) + request.at), request.allowed);
  }
}

TEST(RateLimit, RemembersABoundedNumberOfAddresses) {
  RateLimit limit;
  int allowed = 0;
  for (int i = 0; i < 5000; ++i) allowed += limit.allow(std::to_string(i), 1h, 1, at(0)) ? 1 : 0;
  EXPECT_EQ(allowed, 1025);  // the addresses beyond 1,024 share one limit
  EXPECT_TRUE(limit.allow("4000", 1h, 1, at(7200))) << "those that have paid are forgotten";
}

TEST(RateLimit, AnIntervalOfZeroIsNoLimit) {
  RateLimit limit;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limit.allow("a", 0s, 1, at(0)));
}

}  // namespace
}  // namespace mre
