// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/capture_record.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "exporter/capture/capture_source.h"
#include "exporter/event/event_texts.h"

namespace mre {
namespace {

constexpr ReasonEvent kRefused{mqtt::Packet::connack, mqtt::Direction::sent, mqtt::Protocol::v5, 0x87,
                               Evidence::code_in_record};

std::string record_of_two() {
  ByteWriter out;
  append_event(kRefused, out);
  append_event(CloseEvent{mqtt::Protocol::v3_1_1, mqtt::close_reason_from("keep_alive_timeout").value(),
                          mqtt::Initiator::broker},
               out);
  return std::move(out).take();
}

TEST(CaptureRecord, DecodesTheEventsOfARecord) {
  EventTexts sink;
  const std::string bytes = record_of_two();
  const Decoded decoded = make_capture_decoder()->decode({bytes, {}, false}, sink);
  EXPECT_EQ(decoded.outcome, Outcome::matched);
  EXPECT_EQ(sink.texts, (std::vector<std::string>{"CONNACK sent 5.0 0x87 explicit",
                                                  "close 3.1.1 keep_alive_timeout broker"}));
}

TEST(CaptureRecord, TruncatedOrUnknownBytesAreMalformed) {
  const std::string bytes = record_of_two();
  const std::size_t first = [] {
    ByteWriter out;
    append_event(kRefused, out);
    return out.bytes().size();
  }();
  for (std::size_t length = 1; length < bytes.size(); ++length) {
    if (length == first) continue;  // a whole one
    EventTexts sink;
    std::string_view peer;
    EXPECT_FALSE(emit_events(bytes.substr(0, length), sink, peer)) << length;
  }
  EventTexts sink;
  EXPECT_EQ(make_capture_decoder()->decode({"\x07", {}, false}, sink).outcome, Outcome::malformed);
}

TEST(CaptureRecord, NamesTheClientOfEachEvent) {
  ByteWriter out;
  append_client({.client = "pump", .user = "bob", .peer = "192.0.2.7:5"}, out);
  append_event(kRefused, out);
  append_peer("192.0.2.7:5", out);
  append_event(kRefused, out);
  append_peer("", out);
  append_event(kRefused, out);

  class Subjects final : public EventSink {
   public:
    explicit Subjects(Decoder& decoder) : decoder_(decoder) {}
    void on_code(const ReasonEvent&) override { peers.emplace_back(decoder_.subject().peer); }
    void on_close(const CloseEvent&) override {}
    void on_denial(const DenialEvent&) override {}
    void on_client(const Subject& subject) override { clients.emplace_back(subject); }
    std::vector<std::string> peers;
    std::vector<OwnedSubject> clients;

   private:
    Decoder& decoder_;
  };
  const auto decoder = make_capture_decoder();
  Subjects sink(*decoder);
  EXPECT_EQ(decoder->decode({out.bytes(), {}, false}, sink).outcome, Outcome::matched);
  EXPECT_EQ(sink.peers, (std::vector<std::string>{"", "192.0.2.7:5", ""}));
  ASSERT_EQ(sink.clients.size(), 1U);
  EXPECT_EQ(sink.clients[0].client, "pump");
  EXPECT_EQ(sink.clients[0].user, "bob");
  EXPECT_EQ(sink.clients[0].peer, "192.0.2.7:5");
}

// Of MQTT 5.0 the table of section 2.4, of 3.1.1 the return codes of CONNACK and SUBACK.
TEST(CaptureDecoder, CoversEveryCodeOfTheStandard) {
  const Coverage coverage = make_capture_decoder()->coverage();
  std::set<std::string> texts;
  for (const ReasonEvent& event : coverage.codes) texts.insert(to_text(event));
  EXPECT_EQ(texts.size(), coverage.codes.size()) << "each once";
  for (const char* there : {"CONNACK sent 5.0 0x9F explicit", "PUBACK sent 5.0 0x10 explicit",
                            "PUBACK received 5.0 0x83 explicit", "SUBACK sent 3.1.1 0x80 explicit",
                            "UNSUBACK sent 5.0 0x11 explicit", "AUTH received 5.0 0x19 explicit",
                            "DISCONNECT received 5.0 0x04 explicit", "DISCONNECT sent 5.0 0x8E explicit",
                            "CONNACK sent 3.1 0x05 explicit"})
    EXPECT_TRUE(texts.contains(there)) << there;
  for (const char* not_there : {"CONNACK received 5.0 0x00 explicit", "PUBACK received 5.0 0x10 explicit",
                                "DISCONNECT sent 5.0 0x04 explicit", "UNSUBACK sent 3.1.1 0x00 explicit",
                                "PUBACK sent 3.1.1 0x00 explicit"})
    EXPECT_FALSE(texts.contains(not_there)) << not_there;
  EXPECT_LT(coverage.codes.size(), 300U) << "there is room for others among 512 series";
}

}  // namespace
}  // namespace mre
