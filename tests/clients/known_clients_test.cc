// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/known_clients.h"

#include <gtest/gtest.h>

#include <string>

#include "exporter/base/seeded_hash.h"

namespace mre {
namespace {

std::uint64_t address_hash(std::uint64_t number) { return seeded_hash(number, {}); }

TEST(KnownClients, ReturnsTheLastNamesOfAnAddress) {
  KnownClients known;
  EXPECT_FALSE(known.find(address_hash(1)));
  known.set(address_hash(1), {"first", "user"});
  known.set(address_hash(2), {"other", ""});
  known.set(address_hash(1), {"second", ""});
  EXPECT_EQ(known.find(address_hash(1))->client, "second");
  EXPECT_EQ(known.find(address_hash(1))->user, "");
  EXPECT_EQ(known.find(address_hash(2))->client, "other");
  known.clear();
  EXPECT_FALSE(known.find(address_hash(1)));
}

TEST(KnownClients, NewClientsReplaceTheOldestAndNoneIsMistaken) {
  KnownClients known;
  constexpr std::uint64_t kClients = 200'000;
  const auto name = [](std::uint64_t i) { return "sensor-" + std::to_string(i); };
  for (std::uint64_t i = 0; i < kClients; ++i) known.set(address_hash(i), {name(i), "u"});
  std::uint64_t found = 0;
  std::uint64_t found_of_last = 0;
  for (std::uint64_t i = 0; i < kClients; ++i) {
    const auto names = known.find(address_hash(i));
    if (!names) continue;
    ++found;
    if (i >= kClients - 20'000) ++found_of_last;
    EXPECT_EQ(names->client, name(i));
    EXPECT_EQ(names->user, "u");
  }
  EXPECT_GE(found_of_last, 19'000U);
  EXPECT_LE(found, 60'000U);
}

TEST(KnownClients, KeepsWhatAnIdentityFilterLeavesOfALongName) {
  const IdentityFilter filter(ClientOptions::Identity::full, {});
  const OwnedSubject kept = filter.apply({.client = std::string(400, 'y'), .user = std::string(400, 'z')});
  KnownClients known;
  known.set(address_hash(1), {kept.client, kept.user});
  EXPECT_EQ(known.find(address_hash(1))->client, kept.client);
  EXPECT_EQ(known.find(address_hash(1))->user, kept.user);
}

TEST(KnownClients, CutsLongNames) {
  KnownClients known;
  for (std::uint64_t i = 0; i < 10'000; ++i)
    known.set(address_hash(i), {std::string(70'000, 'x'), std::string(300, 'y')});
  EXPECT_EQ(known.find(address_hash(9'999))->client.size(), KnownClients::kMaxNameBytes);
  EXPECT_EQ(known.find(address_hash(9'999))->user, std::string(KnownClients::kMaxNameBytes, 'y'));
}

}  // namespace
}  // namespace mre
