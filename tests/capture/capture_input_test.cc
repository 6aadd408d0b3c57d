// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/capture_input.h"

#include <gtest/gtest.h>

#include <deque>
#include <set>
#include <string>
#include <vector>

#include "tests/capture/frame_builder.h"

namespace mre {
namespace {

using test::ConnectionBuilder;
using test::Level;
using test::Side;

/// The frames of a test, then the end of the stream; or, if it is live, silence.
class BuiltFrames final : public FrameInput {
 public:
  explicit BuiltFrames(std::vector<test::BuiltFrame> frames, bool live = false)
      : frames_(std::move(frames)), live_(live) {}

  Result<std::optional<Frame>> next(Deadline) override {
    if (next_ < frames_.size()) return frames_[next_++].frame();
    if (live_) return std::nullopt;
    return fail(Errc::end_of_stream, "end");
  }
  void interrupt() override {}
  bool interrupted() override { return false; }
  void report(SourceStatus& status) override { status.up = true; }

 private:
  const std::vector<test::BuiltFrame> frames_;
  const bool live_;
  std::size_t next_ = 0;
};

/// Writes down what an input emits, in its order.
class Notes final : public InputSink {
 public:
  explicit Notes(bool wants_records = true) : wants_records_(wants_records) {}

  bool wants_records() const override { return wants_records_; }
  bool wants_clients() const override { return true; }
  void on_code(const ReasonEvent& event) override { add(to_text(event)); }
  void on_close(const CloseEvent& event) override { add(to_text(event)); }
  void on_denial(const DenialEvent&) override {}
  void on_client(const Subject& subject) override {
    lines.push_back("client " + std::string(subject.client) + " " + std::string(subject.peer));
  }
  void begin_record(const Record& record) override { begun.push_back(record.time_us); }
  void on_record(const Record& record, const Decoded& decoded) override {
    lines.push_back(std::string(to_string(decoded.outcome)) + " " + std::string(record.topic));
  }
  void on_lines(const DecodedLines&) override {}

  Input* input = nullptr;  // asked for the subject of each event
  std::vector<std::string> lines;
  std::vector<std::int64_t> begun;

 private:
  void add(std::string text) { lines.push_back(text + " of " + std::string(input->subject().peer)); }
  const bool wants_records_;
};

/// Polls until there is nothing more.
std::vector<std::string> read_all(Input& input, bool wants_records = true) {
  Notes notes(wants_records);
  notes.input = &input;
  for (;;) {
    const auto read = input.poll(Deadline{}, notes);
    if (!read || !*read) return notes.lines;
  }
}

/// A client that is accepted and sends a PUBLISH that the broker refuses; then it disconnects with a code.
ConnectionBuilder refused_publish() {
  ConnectionBuilder made = test::opened(Level::v5);
  made.write(Side::client, test::publish(Level::v5, 1, "x")).write(Side::broker, test::puback(0x87));
  made.pause(1'000'000).write(Side::client, test::disconnect(0x04)).close(Side::client);
  return made;
}

const std::string kConnection = "192.0.2.7:50000 > 192.0.2.1:1883";

TEST(CaptureInput, EmitsTheEventsOfEachFrameThenTheFrame) {
  const auto input = make_capture_input({}, std::make_unique<BuiltFrames>(refused_publish().frames));
  EXPECT_EQ(input->visibility(), Visibility()) << "nothing is known yet";
  const std::vector<std::string> expected = {
      "client client 192.0.2.7:50000", "CONNACK sent 5.0 0x00 explicit of 192.0.2.7:50000",
      "matched " + kConnection,        "PUBACK sent 5.0 0x87 explicit of 192.0.2.7:50000",
      "matched " + kConnection,        "DISCONNECT received 5.0 0x04 explicit of 192.0.2.7:50000",
      "matched " + kConnection,
  };
  EXPECT_EQ(read_all(*input), expected);
  EXPECT_EQ(input->visibility(), all_of(capture_coverage()));
  Notes none;
  const auto ended = input->poll(Deadline{}, none);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Errc::end_of_stream);
}

TEST(CaptureInput, BeginsARecordForEachFrameIfRecordsAreWanted) {
  const ConnectionBuilder made = refused_publish();
  for (const bool wanted : {true, false}) {
    const auto input = make_capture_input({}, std::make_unique<BuiltFrames>(made.frames));
    Notes notes(wanted);
    notes.input = input.get();
    while (input->poll(Deadline{}, notes).value_or(false)) {
    }
    ASSERT_EQ(notes.begun.size(), wanted ? made.frames.size() : 0);
    for (std::size_t i = 0; i < notes.begun.size(); ++i) EXPECT_EQ(notes.begun[i], made.frames[i].time_us);
  }
}

TEST(CaptureInput, NamesNoConnectionUnlessRecordsAreWanted) {
  const auto input = make_capture_input({}, std::make_unique<BuiltFrames>(refused_publish().frames));
  const auto lines = read_all(*input, false);
  ASSERT_EQ(lines.size(), 7U);
  EXPECT_EQ(lines[2], "matched ");
}

TEST(CaptureInput, TheEndOfARecordingAndSilenceEmitWhatWaits) {
  ConnectionBuilder made = test::opened(Level::v3_1_1);
  made.fin(Side::client);  // the broker may still send bytes
  for (const bool live : {false, true}) {
    const auto input = make_capture_input({}, std::make_unique<BuiltFrames>(made.frames, live));
    const auto lines = read_all(*input);
    ASSERT_EQ(lines.size(), 5U) << live;
    EXPECT_EQ(lines[3], "close 3.1.1 connection_closed client of 192.0.2.7:50000");
  }
}

TEST(CaptureInput, ReturnsAfterManyFramesWithoutEvents) {
  ConnectionBuilder made = test::opened(Level::v5);
  for (int i = 0; i < 300; ++i) made.write(Side::client, test::pingreq());
  const auto input = make_capture_input({}, std::make_unique<BuiltFrames>(made.frames));
  Notes notes;
  notes.input = input.get();
  EXPECT_TRUE(input->poll(Deadline{}, notes).value());
  EXPECT_FALSE(input->poll(Deadline{}, notes).value()) << "it looks at the clock";
  EXPECT_LT(input->status().frames, 300U);
}

TEST(CaptureInput, SavesThatItHasSeenEvents) {
  const auto seen = make_capture_input({}, std::make_unique<BuiltFrames>(refused_publish().frames));
  read_all(*seen);
  ByteWriter saved;
  seen->save_state(saved);
  const struct {
    const char* why;
    std::string bytes;
    bool valid;
    bool is_seen;
  } cases[] = {
      {"saved after an event", saved.bytes(), true, true},
      {"an earlier version wrote nothing", "", true, false},
      {"invalid", "\x07", false, false},
  };
  for (const auto& c : cases) {
    const auto input = make_capture_input({}, std::make_unique<BuiltFrames>(std::vector<test::BuiltFrame>()));
    ByteReader in(c.bytes);
    EXPECT_EQ(input->restore_state(in), c.valid) << c.why;
    EXPECT_EQ(input->visibility() == all_of(capture_coverage()), c.is_seen) << c.why;
  }
}

// Of MQTT 5.0 the table of section 2.4, of 3.1.1 the return codes of CONNACK and SUBACK.
TEST(CaptureCoverage, CoversEveryCodeOfTheStandard) {
  const Coverage& coverage = capture_coverage();
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
