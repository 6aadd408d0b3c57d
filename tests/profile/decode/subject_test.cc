// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/profile/decode/subjects.h"

// Whom the events of a decoder concern.
namespace mre {
namespace {

using test::subjects_of;
using Texts = std::vector<std::string>;

TEST(Subject, IsWhatTheLineNames) {
  EXPECT_EQ(subjects_of("mosquitto", {"1: Sending CONNACK to pump (0, 135)"}),
            Texts{"CONNACK sent 5.0 0x87 explicit client=pump"});
  EXPECT_EQ(
      subjects_of("mosquitto", {"1: Denied PUBLISH from pump (d0, q0, r0, m0, 'secret/y', ... (1 bytes))"}),
      Texts{"denial unknown publish not_authorized client=pump topic=secret/y"});
  EXPECT_EQ(subjects_of("mosquitto", {"1: Client pump [192.0.2.7:49152] disconnected: exceeded timeout."}),
            Texts{"close unknown keep_alive_timeout broker client=pump peer=192.0.2.7:49152"});
}

TEST(Subject, HasTheTimeThatTheBrokerWroteInFrontOfTheMessage) {
  class Times final : public EventSink {
   public:
    explicit Times(const Decoder& decoder) : decoder_(decoder) {}
    void on_code(const ReasonEvent&) override { last = decoder_.subject().time_us; }
    void on_close(const CloseEvent&) override { last = decoder_.subject().time_us; }
    void on_denial(const DenialEvent&) override { last = decoder_.subject().time_us; }
    std::int64_t last = -1;

   private:
    const Decoder& decoder_;
  };
  const struct {
    const char* why;
    const char* profile;
    SourceKind kind;
    Record record;
    std::int64_t seconds;
  } cases[] = {
      {"Mosquitto",
       "mosquitto",
       SourceKind::log,
       {"1700000001: Sending CONNACK to pump (0, 135)", {}},
       1'700'000'001},
      {"a log without times; the client id has one",
       "mosquitto",
       SourceKind::log,
       {"Sending CONNACK to 1700000001 (0, 135)", {}},
       0},
      {"a user name in front of the time is none",
       "mosquitto",
       SourceKind::log,
       {"Client 1700000001: disconnected: exceeded timeout.", {}},
       0},
      {"EMQX",
       "emqx",
       SourceKind::log,
       {"2023-11-14T22:13:21+00:00 [debug] c1@127.0.0.1:38762 [MQTT] SEND CONNACK(Q0, R0, D0, AckFlags=0, "
        "ReasonCode=134)",
        {}},
       1'700'000'001},
      {"an event of EMQX",
       "emqx",
       SourceKind::mqtt,
       {R"({"event":"client.connack","reason_code":"banned","proto_ver":5,"timestamp":1700000001000})",
        "exporter/client_connack"},
       1'700'000'001},
  };
  for (const auto& c : cases) {
    const auto decoder = make_decoder(test::loaded_once(c.profile), c.kind, 64);
    Times sink(*decoder);
    decoder->decode(c.record, sink);
    decoder->settle(sink);
    EXPECT_EQ(sink.last, c.seconds * 1'000'000) << c.why;
  }
}

TEST(Subject, OfASubackIsTheLastFilterThatWasDenied) {
  EXPECT_EQ(subjects_of("mosquitto",
                        {"1: mosquitto version 2.1.2 starting",
                         "1: New client connected from 192.0.2.7:1 as pump (p5, c1, k60).",
                         "1: Sending CONNACK to pump (0, 0)", "1: Received SUBSCRIBE from pump",
                         "1: \tfloor/1 (QoS 1)", "1: \tsecret/# (denied)", "1: Sending SUBACK to pump"}),
            (Texts{"CONNACK sent 5.0 0x00 explicit client=pump",
                   "SUBACK sent 5.0 0x01 explicit client=pump topic=secret/#",
                   "SUBACK sent 5.0 0x87 inferred client=pump topic=secret/#"}));
}

TEST(Subject, OfAnEventThatWaitedIsThatOfItsOwnLine) {
  EXPECT_EQ(subjects_of("emqx",
                        {"2026-11-22T05:17:42.786193+00:00 [warning] c1@127.0.0.1:38762 [Channel] Client c1 "
                         "(Username: 'user1') login failed for banned",
                         "2026-11-22T05:17:42.786194+00:00 [warning] c2@127.0.0.1:38763 [Channel] Client c2 "
                         "(Username: 'user2') login failed for banned"}),
            (Texts{"CONNACK sent unknown 0x8A inferred client=c1 user=user1 peer=127.0.0.1:38762",
                   "CONNACK sent unknown 0x8A inferred client=c2 user=user2 peer=127.0.0.1:38763"}));
}

TEST(Subject, HasNoClientWhereTheBrokerDoesNotKnowOne) {
  const Texts texts = subjects_of("mosquitto", {"1: Client <unknown> disconnected, not authorised."});
  ASSERT_EQ(texts.size(), 1U);
  EXPECT_EQ(texts[0].find("client="), std::string::npos) << texts[0];
}

TEST(Subject, HasNoClientWhereItsTextMakesTheLineAmbiguous) {
  for (const std::string& text :
       subjects_of("mosquitto", {"1: Denied PUBLISH from a (d0, q0, r0, m0, 'x', ... (1 bytes)) (d0, q0, r0, "
                                 "m0, 'y', ... (1 bytes))"}))
    EXPECT_EQ(text.find("client=a topic"), std::string::npos) << text;
}

}  // namespace
}  // namespace mre
