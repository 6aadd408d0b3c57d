// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exporter/profile/profile.h"

// The broker's version, as its log names it, against the releases that the profile was checked against.
namespace mre {
namespace {

constexpr std::string_view kProfile = R"yaml(profile: test
title: Test
versions: 1.4 to 2.1 and 3.0.2
checked: [1.4..2.1, 3.0.2]
sources: {log: {setting: none}}
rules:
  - id: starting
    line: "broker {version} starting"
    examples: [{record: broker 2.1 starting, gives: []}]
  - id: gone
    line: "Client {client} is gone."
    cases: [{close: connection_closed, by: client}]
    examples: [{record: Client a is gone., gives: [close unknown connection_closed client]}]
)yaml";

TEST(BrokerVersion, IsComparedWithTheReleasesThatWereChecked) {
  const struct {
    const char* why;
    const char* line;
    const char* version;
    bool checked;
  } cases[] = {
      {"the first", "broker 1.4 starting", "1.4.0", true},
      {"before it", "broker 1.3.9 starting", "1.3.9", false},
      {"a patch release of the last", "broker 2.1.17 starting", "2.1.17", true},
      {"one of it with a suffix", "broker 2.1.2-rc.1 starting", "2.1.2", true},
      {"after it", "broker 2.2.0 starting", "2.2.0", false},
      {"a single one", "broker 3.0.2 starting", "3.0.2", true},
      {"the one after a single one", "broker 3.0.3 starting", "3.0.3", false},
      {"no version", "broker next starting", "", false},
      {"a number that no version has", "broker 99999999999 starting", "", false},
      {"a client's text", "Client broker 2.2.0 starting is gone.", "", false},
  };
  const auto profile = load_profile(kProfile, "test.yaml");
  ASSERT_TRUE(profile.has_value()) << profile.error().what;
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto decoder = make_decoder(*profile, SourceKind::log);
    NullSink sink;
    decoder->decode({c.line, {}, false}, sink);
    EXPECT_EQ(decoder->stats().broker_version, c.version);
    EXPECT_EQ(decoder->stats().broker_version_checked, c.checked);
    ByteWriter out;
    decoder->save(out);
    const std::string saved = std::move(out).take();
    ByteReader in(saved);
    const auto next = make_decoder(*profile, SourceKind::log);
    ASSERT_TRUE(next->restore(in));
    EXPECT_EQ(next->stats().broker_version, c.version) << "after a restart";
  }
}

TEST(BrokerVersion, InvalidReleasesAreRefused) {
  for (const char* wrong : {"2.1..1.4", "1.4 to 2.1", "1.4..", "next", "1.2.3.4"}) {
    SCOPED_TRACE(wrong);
    std::string yaml(kProfile);
    yaml.replace(yaml.find("[1.4..2.1, 3.0.2]"), 17, std::string("\"") + wrong + "\"");
    const auto profile = load_profile(yaml, "test.yaml");
    ASSERT_FALSE(profile.has_value());
    EXPECT_TRUE(profile.error().what.starts_with("test.yaml:4:10: expected releases like"))
        << profile.error().what;
  }
}

}  // namespace
}  // namespace mre
