// SPDX-License-Identifier: Apache-2.0
#include "exporter/web_config/basic_auth.h"

#include <crypt.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

namespace {

/// Counts the bcrypt computations by cost. All calls in the process come here, because the program is linked
/// before libcrypt.
std::map<std::string, int> runs;
bool counting = false;

}  // namespace

extern "C" char* crypt_r(const char* phrase, const char* setting, crypt_data* data) {
  if (counting) ++runs[std::string(setting).substr(4, 2)];
  return ::crypt_rn(phrase, setting, data, sizeof *data);
}

namespace mre {
namespace {

// The users of exporter-toolkit's tests; each password is the name followed by 123.
const BasicAuth::Users kUsers = {{"alice", "$2y$12$1DpfPeqF9HzHJt.EWswy1exHluGfbhnn3yXhR7Xes6m3WJqFg0Wby"},
                                 {"carol", "$2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu"},
                                 {"dave", "$2y$10$2UXri9cIDdgeKjBo4Rlpx.U3ZLDV8X1IxKmsfOvhcM5oXQt/mLmXq"}};

std::string hash(const std::string& password, const std::string& salt = "$2b$04$abcdefghijklmnopqrstuu") {
  crypt_data data{};
  return ::crypt_r(password.c_str(), salt.c_str(), &data);
}

BasicAuth users(BasicAuth::Users some) { return {std::move(some), std::make_shared<PastSuccesses>()}; }

TEST(BcryptHash, IsRecognisedByItsFormat) {
  const std::string good = kUsers.at("dave");
  const struct {
    const char* why;
    std::string text;
    bool is;
  } cases[] = {
      {"2y, from htpasswd", good, true},
      {"2b, from crypt(3)", "$2b" + good.substr(3), true},
      {"2a", "$2a" + good.substr(3), true},
      {"2x, of a broken implementation", "$2x" + good.substr(3), false},
      {"no letter", "$2$1" + good.substr(4), false},
      {"the lowest cost", "$2y$04" + good.substr(6), true},
      {"a cost below", "$2y$03" + good.substr(6), false},
      {"the highest cost", "$2y$31" + good.substr(6), true},
      {"a cost above", "$2y$32" + good.substr(6), false},
      {"no cost", "$2y$1x" + good.substr(6), false},
      {"too short", good.substr(0, 59), false},
      {"too long", good + "a", false},
      {"another alphabet", good.substr(0, 59) + "=", false},
      {"SHA-512",
       "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/",
       false},
      {"a password", "dave123", false},
      {"empty", "", false},
  };
  for (const auto& c : cases) EXPECT_EQ(is_bcrypt_hash(c.text), c.is) << c.why;
  EXPECT_EQ(bcrypt_cost(good), 10);
}

TEST(Credentials, AreParsedFromTheHeader) {
  const struct {
    const char* why;
    std::string header;
    std::optional<std::pair<std::string, std::string>> credentials;
  } cases[] = {
      {"user and password", "Basic ZGF2ZTpkYXZlMTIz", {{"dave", "dave123"}}},
      {"the scheme in another case", "bAsIC ZGF2ZTpkYXZlMTIz", {{"dave", "dave123"}}},
      {"one = of padding", "Basic YTpiYzE=", {{"a", "bc1"}}},
      {"two = of padding", "Basic YTpiYw==", {{"a", "bc"}}},
      {"an empty password", "Basic YTo=", {{"a", ""}}},
      {"no user", "Basic OmE=", {{"", "a"}}},
      {"a colon in the password", "Basic YTpiOmM=", {{"a", "b:c"}}},
      {"UTF-8", "Basic w6Q6w7Y=", {{"\u00e4", "\u00f6"}}},
      {"no header", "", {}},
      {"the scheme alone", "Basic", {}},
      {"nothing after the scheme", "Basic ", {}},
      {"another scheme", "Bearer ZGF2ZTpkYXZlMTIz", {}},
      {"no colon", "Basic ZGF2ZQ==", {}},
      {"no padding", "Basic YTpiYzE", {}},
      {"padding in the middle", "Basic YT=piYzE", {}},
      {"three =", "Basic YTpi===", {}},
      {"a blank in it", "Basic YTpi YzE=", {}},
      {"another alphabet", "Basic YTpi-_E=", {}},
      {"a NUL in the password, where crypt(3) would stop", "Basic YTpiAGM=", {}},
      {"a password longer than crypt(3) accepts",
       "Basic " +
           [] {
             std::string text = "YTpi";
             for (int i = 0; i < 200; ++i) text += "YWFh";
             return text;
           }(),
       {}},
      {"very long", "Basic " + std::string(1 << 20, 'A'), {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto read = read_credentials(c.header);
    ASSERT_EQ(read.has_value(), c.credentials.has_value());
    if (!read) continue;
    EXPECT_EQ(read->user, c.credentials->first);
    EXPECT_EQ(read->password, c.credentials->second);
  }
}

TEST(BasicAuth, BehavesLikeExporterToolkit) {
  const auto auth = users(kUsers);
  const struct {
    const char* why;
    Credentials credentials;
    bool granted;
  } cases[] = {
      {"dave", {"dave", "dave123"}, true},
      {"carol", {"carol", "carol123"}, true},
      {"alice", {"alice", "alice123"}, true},
      {"a wrong password", {"dave", "bad"}, false},
      {"a password with a suffix", {"alice", "alice1234"}, false},
      {"another user's password", {"dave", "carol123"}, false},
      {"an empty password", {"dave", ""}, false},
      {"an unknown user", {"nonexistent", "nonexistent"}, false},
      {"an unknown user with a known one's password", {"mallory", "dave123"}, false},
      {"the user's name in another case", {"Dave", "dave123"}, false},
      {"the stand-in of exporter-toolkit", {"fakeuser", "fakepassword"}, false},
      {"cache poisoning (CVE-2022-46146): the user with the hash, and the password of the stand-in hash",
       {"alice$2y$12$1DpfPeqF9HzHJt.EWswy1exHluGfbhnn3yXhR7Xes6m3WJqFg0Wby", "fakepassword"},
       false},
      {"the poisoned entry",
       {"alice", "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSifakepassword"},
       false},
      {"the hash as the password", {"dave", kUsers.at("dave")}, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    EXPECT_FALSE(auth.recall(c.credentials)) << "before";
    EXPECT_EQ(auth.verify(c.credentials), c.granted) << "cold";
    EXPECT_EQ(auth.recall(c.credentials), c.granted) << "warm";
    EXPECT_EQ(auth.verify(c.credentials), c.granted) << "again";
  }
}

TEST(BasicAuth, AnUnknownUserCostsAsMuchAsAKnownOne) {
  const auto auth = users({{"cheap", hash("c")}, {"dear", hash("d", "$2b$05$abcdefghijklmnopqrstuu")}});
  const auto cost = [&](const Credentials& credentials) {
    runs.clear();
    counting = true;
    auth.verify(credentials);
    counting = false;
    EXPECT_EQ(runs.size(), 1U);
    EXPECT_EQ(runs.begin()->second, 1);
    return runs.begin()->first;
  };
  std::map<std::string, int> unknown;
  for (int i = 0; i < 100; ++i) {
    const std::string name = "user" + std::to_string(i);
    const std::string first = cost({name, "x"});
    EXPECT_EQ(cost({name, "another guess"}), first) << "the same name always has the same cost: " << name;
    ++unknown[first];
  }
  EXPECT_EQ(cost({"cheap", "wrong"}), "04");
  EXPECT_EQ(cost({"cheap", "c"}), "04") << "success costs as much as failure";
  EXPECT_EQ(cost({"dear", "wrong"}), "05");
  EXPECT_GT(unknown["04"], 20);
  EXPECT_GT(unknown["05"], 20);
}

TEST(BasicAuth, AChangedHashInvalidatesCachedSuccesses) {
  const auto successes = std::make_shared<PastSuccesses>();
  const BasicAuth before({{"a", hash("old")}, {"gone", hash("g")}}, successes);
  EXPECT_TRUE(before.verify({"a", "old"}));
  EXPECT_TRUE(before.verify({"gone", "g"}));
  const BasicAuth same({{"a", hash("old")}}, successes);
  EXPECT_TRUE(same.recall({"a", "old"})) << "reloaded with the same hash";
  EXPECT_FALSE(same.recall({"gone", "g"})) << "a user that was removed";
  const BasicAuth after({{"a", hash("new")}}, successes);
  EXPECT_FALSE(after.recall({"a", "old"}));
  EXPECT_FALSE(after.verify({"a", "old"}));
}

TEST(PastSuccesses, EachFieldChangesTheDigest) {
  const PastSuccesses successes;
  const struct {
    const char* why;
    Credentials credentials;
    std::string hash;
  } others[] = {
      {"another user", {"b", "bc"}, "h"},
      {"another password", {"a", "bd"}, "h"},
      {"another hash", {"a", "bc"}, "i"},
      {"a shifted border, to the left", {"", "abc"}, "h"},
      {"a shifted border, to the right", {"ab", "c"}, "h"},
      {"the hash in the password", {"a", "hbc"}, ""},
      {"the hash in the user", {"ah", "bc"}, ""},
      {"a length written into the user", {"a1:h2:bc", ""}, ""},
  };
  for (const auto& o : others)
    EXPECT_NE(successes.digest({"a", "bc"}, "h"), successes.digest(o.credentials, o.hash)) << o.why;
  EXPECT_EQ(successes.digest({"a", "bc"}, "h"), successes.digest({"a", "bc"}, "h"));
  EXPECT_NE(successes.digest({"a", "bc"}, "h"), PastSuccesses().digest({"a", "bc"}, "h"))
      << "each process has a key of its own";
}

TEST(PastSuccesses, AreLimited) {
  PastSuccesses successes;
  std::vector<PastSuccesses::Digest> digests;
  for (std::size_t i = 0; i < 2 * PastSuccesses::kMaxSuccesses; ++i) {
    digests.push_back(successes.digest({std::to_string(i), ""}, ""));
    successes.add(digests.back());
    successes.add(digests.back());
  }
  EXPECT_EQ(successes.size(), PastSuccesses::kMaxSuccesses);
  for (std::size_t i = 0; i < digests.size(); ++i)
    EXPECT_EQ(successes.contains(digests[i]), i >= PastSuccesses::kMaxSuccesses) << i;
}

TEST(BasicAuth, ConcurrentChecksAreIndependent) {
  const auto auth = users({{"alice", hash("alice123")}, {"bob", hash("bob123")}});
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> clients;
    for (int client = 0; client < 8; ++client) {
      clients.emplace_back([&, client] {
        for (int i = 0; i < 20; ++i) {
          const Credentials credentials{client % 2 == 0 ? "alice" : "bob",
                                        i % 2 == 0 ? "alice123" : "alice1234"};
          const bool want = client % 2 == 0 && i % 2 == 0;
          if ((auth.recall(credentials) || auth.verify(credentials)) != want) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace mre
