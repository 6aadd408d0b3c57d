// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/identity.h"

#include <gtest/gtest.h>

#include <string>

#include "exporter/base/text.h"

namespace mre {
namespace {

using enum ClientOptions::Identity;

const Subject kSubject{"sensor-7", "alice", "192.0.2.7:49152", "floor/1", "no such user"};

TEST(Identity, FullKeepsAllAndMakesItHarmless) {
  const IdentityFilter filter(full, {});
  const OwnedSubject kept = filter.apply(kSubject);
  EXPECT_EQ(kept.client, "sensor-7");
  EXPECT_EQ(kept.user, "alice");
  EXPECT_EQ(kept.peer, "192.0.2.7:49152");
  EXPECT_EQ(kept.topic, "floor/1");
  EXPECT_EQ(kept.reason_string, "no such user");

  const std::string hostile(64 * 1024, '\x1B');
  const OwnedSubject cut = filter.apply({.client = hostile, .topic = "a\nb\xFF"});
  EXPECT_LE(cut.client.size(), IdentityFilter::kMaxTextBytes);
  EXPECT_TRUE(is_utf8(cut.client));
  EXPECT_EQ(cut.client.find('\x1B'), std::string::npos);
  EXPECT_EQ(cut.topic, "a\\x0Ab\xEF\xBF\xBD");
}

TEST(Identity, HashShowsNothingElseAndDependsOnTheKey) {
  IdentityKey key{};
  const OwnedSubject kept = IdentityFilter(hash, key).apply(kSubject);
  EXPECT_EQ(kept.client.size(), 16U);
  EXPECT_TRUE(kept.user.empty() && kept.peer.empty() && kept.topic.empty() && kept.reason_string.empty());
  EXPECT_EQ(IdentityFilter(hash, key).apply(kSubject).client, kept.client);
  key[0] = 1;
  EXPECT_NE(IdentityFilter(hash, key).apply(kSubject).client, kept.client);
  const OwnedSubject unnamed = IdentityFilter(hash, key).apply({.peer = "192.0.2.7:1"});
  EXPECT_EQ(unnamed.peer, IdentityFilter(hash, key).apply({.peer = "192.0.2.7:2"}).peer);
  EXPECT_NE(unnamed.peer, "192.0.2.7");
}

TEST(Identity, AddressShowsOnlyTheAddress) {
  const OwnedSubject kept = IdentityFilter(address, {}).apply(kSubject);
  EXPECT_EQ(kept.peer, "192.0.2.7");
  EXPECT_TRUE(kept.client.empty() && kept.user.empty() && kept.topic.empty() && kept.reason_string.empty());
}

TEST(Identity, AClientIsNamedByItsIdOrElseItsAddress) {
  EXPECT_EQ(IdentityFilter::name_of(OwnedSubject(kSubject)), "sensor-7");
  EXPECT_EQ(IdentityFilter::name_of(OwnedSubject({.peer = "192.0.2.7:49152"})), "192.0.2.7");
  EXPECT_EQ(IdentityFilter::name_of({}), "");
}

}  // namespace
}  // namespace mre
