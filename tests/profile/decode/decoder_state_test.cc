// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/profile_files.h"
#include "tests/support/tally.h"

// What a decoder restores and what it refuses. It can be used afterwards in any case.
namespace mre {
namespace {

constexpr std::size_t kClients = 64;

std::string saved(const Decoder& decoder) {
  ByteWriter out;
  decoder.save(out);
  return std::move(out).take();
}

bool restore(Decoder& decoder, std::string_view bytes) {
  ByteReader in(bytes);
  return decoder.restore(in);
}

std::shared_ptr<const Profile> profile_of(std::string_view name, std::string_view more = {}) {
  for (const auto& [file, yaml] : test::profile_files()) {
    if (file == name) return load_profile(std::string(yaml) + std::string(more), file).value();
  }
  return {};
}

std::shared_ptr<const Profile> mosquitto(std::string_view more = {}) {
  return profile_of("mosquitto.yaml", more);
}

// It ends where each part has something to remember: a code that waits for its echo, a SUBSCRIBE that is not
// answered, a repetition that is expected.
constexpr std::string_view kLog[] = {
    "1: mosquitto version 2.0.11 starting",
    "1: New client connected from 127.0.0.1:1 as a (p5, c1, k60).",
    "1: Sending CONNACK to a (0, 0)",
    "1: New client connected from 127.0.0.1:2 as b (p2, c1, k60).",
    "1: Sending CONNACK to c (0, 135)",
    "1: Received SUBSCRIBE from b",
    "1: \topen/a (QoS 1)",
    "1: b 1 open/a",
    "1: \topen/b (QoS 2)",
};
constexpr std::string_view kRest[] = {
    "1: b 2 open/b",
    "1: \tsecret (QoS 0)",
    "1: Sending SUBACK to b",
    "1: Client c disconnected, not authorised.",
    "1: Sending PUBACK to a (m1, rc16)",
};

void decode(Decoder& decoder, std::span<const std::string_view> lines, EventSink& sink) {
  for (const std::string_view line : lines) decoder.decode({line, {}, false}, sink);
}

std::string state_after_log() {
  const auto decoder = make_decoder(mosquitto(), SourceKind::log, kClients);
  NullSink sink;
  decode(*decoder, kLog, sink);
  return saved(*decoder);
}

std::string events_of_rest(Decoder& decoder) {
  Tally tally;
  decode(decoder, kRest, tally);
  decoder.settle(tally);
  return tally.lines();
}

TEST(DecoderState, RestoresWhatLaterRecordsDependOn) {
  const auto decoder = make_decoder(mosquitto(), SourceKind::log, kClients);
  ASSERT_TRUE(restore(*decoder, state_after_log()));
  EXPECT_EQ(decoder->stats().clients_remembered, 2U);
  EXPECT_EQ(events_of_rest(*decoder),
            "1 CONNACK sent 3.1.1 0x00 inferred\n"   // b: no code came for its connect line
            "1 PUBACK sent 5.0 0x10 explicit\n"      // a's version is in its connect line
            "1 SUBACK sent 3.1.1 0x01 explicit\n"    // c's refusal is counted already: its echo is silent
            "1 SUBACK sent 3.1.1 0x02 explicit\n"    //
            "1 SUBACK sent 3.1.1 0x80 inferred\n");  // the broker repeats what it grants
}

TEST(DecoderState, StartsOfTheBrokerAreCountedWhereALogShowsThem) {
  const struct {
    const char* why;
    const char* profile;
    SourceKind kind;
    std::vector<std::string_view> log;
    std::optional<std::uint64_t> starts;
  } cases[] = {
      {"two starts",
       "mosquitto.yaml",
       SourceKind::log,
       {"1: mosquitto version 2.0.11 starting", "1: Reloading config.",
        "2: mosquitto version 2.0.18 starting"},
       2},
      {"none so far", "mosquitto.yaml", SourceKind::log, {"1: Reloading config."}, 0},
      {"a user name that imitates it",
       "mosquitto.yaml",
       SourceKind::log,
       {"1: New client connected from 10.0.0.5 as a (p2, c1, k60, u'mosquitto version 2.0.11 starting')."},
       0},
      {"a subscriber connects after the start", "mosquitto.yaml", SourceKind::mqtt, {}, std::nullopt},
      {"a profile without such a rule", "hivemq.yaml", SourceKind::log, {}, std::nullopt},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto decoder = make_decoder(profile_of(c.profile), c.kind, kClients);
    NullSink sink;
    decode(*decoder, c.log, sink);
    EXPECT_EQ(decoder->stats().broker_starts, c.starts);
  }
}

TEST(DecoderState, RestoresThePrecedingRecord) {
  constexpr std::string_view line = "1: Socket error on client <unknown>, disconnecting.";
  const struct {
    const char* why;
    std::vector<std::string_view> log;
    const char* emitted;
  } cases[] = {
      {"an error of TLS", {"1: OpenSSL Error[0]: unknown ca"}, "1 close unknown tls_error network\n"},
      {"of another connection",
       {"1: OpenSSL Error[0]: unknown ca", "1: Reloading config."},
       "1 close unknown connection_closed unknown\n"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    const auto before = make_decoder(mosquitto(), SourceKind::log, kClients);
    NullSink sink;
    decode(*before, c.log, sink);
    const auto after = make_decoder(mosquitto(), SourceKind::log, kClients);
    ASSERT_TRUE(restore(*after, saved(*before)));
    Tally tally;
    after->decode({line, {}, false}, tally);
    EXPECT_EQ(tally.lines(), c.emitted);
  }
}

TEST(DecoderState, RestoresThatTheBrokerIsOlder) {
  constexpr std::string_view log[] = {"1: New client connected from 10.0.0.5 as a (c1, k60).",
                                      "1: Sending CONNACK to a (0, 0)"};
  const auto before = make_decoder(mosquitto(), SourceKind::log, kClients);
  NullSink sink;
  decode(*before, log, sink);
  const auto after = make_decoder(mosquitto(), SourceKind::log, kClients);
  ASSERT_TRUE(restore(*after, saved(*before)));
  Tally tally;
  after->decode({"1: Client a disconnected.", {}, false}, tally);
  EXPECT_EQ(tally.lines(), "1 close unknown normal_disconnection client\n");
}

TEST(DecoderState, RefusesForeignStateAndIsReset) {
  struct Case {
    const char* why;
    std::shared_ptr<const Profile> profile;
    SourceKind kind;
    std::string bytes;
  };
  ByteWriter other_format;
  other_format.text("decoder 0");
  const std::string state = state_after_log();
  const Case cases[] = {
      {"the profile's text has changed", mosquitto("# changed\n"), SourceKind::log, state},
      {"another profile", find_profile("nanomq", {}).value(), SourceKind::log, state},
      {"another kind of source", mosquitto(), SourceKind::mqtt, state},
      {"another format", mosquitto(), SourceKind::log, other_format.bytes()},
      {"nothing", mosquitto(), SourceKind::log, ""},
      {"a number without an end", mosquitto(), SourceKind::log, std::string(64, '\xff')},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.why);
    const auto decoder = make_decoder(c.profile, c.kind, kClients);
    NullSink sink;
    decode(*decoder, kLog, sink);
    EXPECT_FALSE(restore(*decoder, c.bytes));
    EXPECT_EQ(decoder->stats().clients_remembered, 0U);
    EXPECT_EQ(events_of_rest(*decoder), events_of_rest(*make_decoder(c.profile, c.kind, kClients)));
  }
}

TEST(DecoderState, TruncatedStateIsRefused) {
  const std::string state = state_after_log();
  const auto decoder = make_decoder(mosquitto(), SourceKind::log, kClients);
  const std::string as_new = events_of_rest(*make_decoder(mosquitto(), SourceKind::log, kClients));
  for (std::size_t size = 0; size < state.size(); ++size) {
    SCOPED_TRACE(size);
    const std::string cut(state, 0, size);  // on the heap, so that a read beyond it is seen
    EXPECT_FALSE(restore(*decoder, cut));
    EXPECT_EQ(decoder->stats().clients_remembered, 0U);
    EXPECT_EQ(events_of_rest(*decoder), as_new);
  }
}

TEST(DecoderState, ADamagedByteIsRefusedOrGivesAValidState) {
  const std::string state = state_after_log();
  const auto decoder = make_decoder(mosquitto(), SourceKind::log, kClients);
  const auto next = make_decoder(mosquitto(), SourceKind::log, kClients);
  for (std::size_t at = 0; at < state.size(); ++at) {
    for (const int flip : {0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0xFF}) {
      std::string damaged = state;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      const bool accepted = restore(*decoder, damaged);
      EXPECT_TRUE(accepted || decoder->stats().clients_remembered == 0) << at << " " << flip;
      events_of_rest(*decoder);
      EXPECT_TRUE(restore(*next, saved(*decoder))) << at << " " << flip;
    }
  }
}

}  // namespace
}  // namespace mre
