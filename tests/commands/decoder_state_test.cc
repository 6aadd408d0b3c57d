// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>

#include "exporter/envelope/unwrap.h"
#include "exporter/event/event_text.h"
#include "exporter/event/event_texts.h"
#include "exporter/profile/profile.h"
#include "exporter/recording/event_line.h"
#include "tests/support/effort.h"
#include "tests/support/in_envelope.h"
#include "tests/support/profile_files.h"
#include "tests/support/state_subject.h"
#include "tests/support/tally.h"

// A decoder that is saved, destroyed and restored between two records continues like one that never stopped:
// over every recording of tests/testdata and all examples of every profile, from logs, inside envelopes, and
// from messages. With MRE_UPDATE_CORPUS=1 the states that the fuzz target begins with are written.
namespace mre {
namespace {

namespace fs = std::filesystem;

struct OwnRecord {
  std::string payload;
  std::string topic;
};

struct Stream {
  std::string name;
  std::shared_ptr<const Profile> profile;
  SourceKind kind;
  Envelope envelope;
  std::vector<OwnRecord> records;

  /// Of few clients, so that some are forgotten.
  std::unique_ptr<Decoder> decoder() const { return unwrap(envelope, make_decoder(profile, kind, 32)); }
};

/// One line for each record: its outcome, rule and events; and one for what is emitted at the end.
class Transcript final : public EventSink {
 public:
  void on_code(const ReasonEvent& event) override { line_ += " " + to_text(event); }
  void on_close(const CloseEvent& event) override { line_ += " " + to_text(event); }
  void on_denial(const DenialEvent& event) override { line_ += " " + to_text(event); }

  void decode(Decoder& decoder, const OwnRecord& record) {
    const Decoded decoded = decoder.decode({record.payload, record.topic, false}, *this);
    lines.push_back(std::string(to_string(decoded.outcome)) + " " + std::string(to_string(decoded.error)) +
                    " " + (decoded.rule == nullptr ? "" : *decoded.rule) + line_);
    line_.clear();
  }
  void settle(Decoder& decoder) {
    const auto remembered = decoder.stats().clients_remembered;
    decoder.settle(*this);
    lines.push_back("settled" + line_ + ", remembered " + std::to_string(remembered));
  }

  std::vector<std::string> lines;

 private:
  std::string line_;
};

using test::saved;

std::unique_ptr<Decoder> restored(const Stream& stream, const std::string& bytes) {
  auto decoder = stream.decoder();
  ByteReader in(bytes);
  EXPECT_TRUE(decoder->restore(in) && in.finished()) << stream.name;
  EXPECT_EQ(saved(*decoder), bytes) << stream.name;
  return decoder;
}

void expect_the_same(const std::vector<std::string>& expected, const std::vector<std::string>& lines,
                     const Stream& stream) {
  ASSERT_EQ(expected.size(), lines.size()) << stream.name;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(expected[i], lines[i]) << stream.name << ", record " << i + 1;
  }
}

/// `stops(i)`: whether the decoder is replaced before record `i`. All begin with `first`: with its seed, who
/// is forgotten is the same.
std::vector<std::string> transcript_with_stops(const Stream& stream, const std::string& first,
                                               const std::function<bool(std::size_t)>& stops) {
  auto decoder = restored(stream, first);
  Transcript transcript;
  for (std::size_t i = 0; i < stream.records.size(); ++i) {
    if (stops(i)) decoder = restored(stream, saved(*decoder));
    transcript.decode(*decoder, stream.records[i]);
  }
  transcript.settle(*decoder);
  return transcript.lines;
}

void expect_stops_change_nothing(const Stream& stream, std::mt19937& random) {
  constexpr std::size_t few = 300;
  const auto decoder = stream.decoder();
  const std::string first = saved(*decoder);
  Transcript transcript;
  for (const OwnRecord& record : stream.records) transcript.decode(*decoder, record);
  transcript.settle(*decoder);

  const bool everywhere = stream.records.size() <= few;
  const auto often = [&](std::size_t) { return everywhere || random() % 16 == 0; };
  expect_the_same(transcript.lines, transcript_with_stops(stream, first, often), stream);
  for (int i = 0; i < 4; ++i) {
    const std::size_t where = random() % std::max<std::size_t>(stream.records.size(), 1);
    expect_the_same(transcript.lines,
                    transcript_with_stops(stream, first, [&](std::size_t at) { return at == where; }),
                    stream);
  }
}

void expect_stops_change_nothing(const std::vector<Stream>& streams) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (const Stream& stream : streams) {
    expect_stops_change_nothing(stream, random);
    if (testing::Test::HasFailure()) return;
  }
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream stream(file, std::ios::binary);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Recorded messages; empty if the lines are none.
std::vector<OwnRecord> messages_in(const std::vector<std::string>& lines) {
  std::vector<OwnRecord> records;
  EventLine messages;
  for (const std::string& line : lines) {
    if (const auto record = messages.read(line))
      records.push_back({std::string(record->payload), std::string(record->topic)});
  }
  return records;
}

std::vector<OwnRecord> as_records(std::vector<std::string> lines, const std::string& topic) {
  std::vector<OwnRecord> records;
  for (std::string& line : lines) records.push_back({std::move(line), topic});
  return records;
}

/// The recordings, as (profile, lines), and the examples of each profile as one more, line by line.
std::vector<Stream> plain_logs() {
  std::vector<Stream> logs;
  for (const auto& [file, yaml] : test::profile_files()) {
    const auto profile = load_profile(yaml, file).value();
    Stream examples{profile->name + ", examples", profile, SourceKind::log, Envelope::plain, {}};
    for (const Rule& rule : profile->rules) {
      for (const Example& example : rule.examples) {
        for (const auto& input : example.after) examples.records.push_back({input.payload, {}});
        examples.records.push_back({example.input.payload, {}});
      }
    }
    logs.push_back(std::move(examples));
    const fs::path directory = fs::path(MRE_TESTDATA) / profile->name;
    if (!fs::exists(directory)) continue;
    for (const auto& entry : fs::directory_iterator(directory)) {
      const std::string ending = entry.path().extension().string();
      const auto lines = lines_of(entry.path());
      if ((ending == ".log" || ending == ".jsonl") && messages_in(lines).empty())
        logs.push_back({entry.path(), profile, SourceKind::log, Envelope::plain, as_records(lines, {})});
    }
  }
  return logs;
}

TEST(DecoderState, ADecoderOfALogResumes) {
  const auto logs = plain_logs();
  EXPECT_GE(logs.size(), 45U);
  expect_stops_change_nothing(logs);
}

/// The events in their order, and how many records had which outcome.
struct EventsAndOutcomes {
  void count(const Decoded& decoded) {
    ++outcomes[std::string(to_string(decoded.outcome)) + " " + std::string(to_string(decoded.error))];
  }

  EventTexts events;
  std::map<std::string, std::uint64_t> outcomes;
};

/// Lines from the first on, as many at once as the decoder takes; one by one where it takes none.
void decode_in_blocks(Decoder& decoder, std::string_view text, EventsAndOutcomes& found) {
  while (!text.empty()) {
    const DecodedLines read = decoder.decode_lines({text, 1'000'000}, found.events);
    found.outcomes["matched none"] += read.matched;
    found.outcomes["ignored none"] += read.ignored;
    if (read.not_recognised) found.count(*read.not_recognised);
    text.remove_prefix(read.bytes);
    if (text.empty()) break;
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    found.count(decoder.decode({line, {}, false}, found.events));
    text.remove_prefix(end + 1);
  }
  std::erase_if(found.outcomes, [](const auto& outcome) { return outcome.second == 0; });
}

TEST(DecoderState, LinesThatAreDecodedAtOnceGiveWhatTheyGiveOneByOne) {
  auto logs = plain_logs();
  for (std::size_t i = 0, plain = logs.size(); i < plain; ++i) {
    logs.push_back(logs[i]);
    logs.back().envelope = Envelope::detect;  // which passes lines on once it is sure that there is none
    logs.push_back(logs[i]);
    logs.back().envelope = Envelope::cri;
    for (OwnRecord& record : logs.back().records)
      record.payload = "2026-11-22T04:32:40.317700123Z stdout F " + record.payload;
  }
  for (const Stream& stream : logs) {
    const std::string first = saved(*stream.decoder());
    const auto one_by_one = restored(stream, first);
    const auto at_once = restored(stream, first);
    EventsAndOutcomes expected;
    std::string text;
    for (const OwnRecord& record : stream.records) {
      if (record.payload.find('\n') != std::string::npos || record.payload.starts_with('\0')) continue;
      text += record.payload + (record.payload.size() % 7 == 0 ? "\r\n" : "\n");
      expected.count(one_by_one->decode({record.payload, {}, false}, expected.events));
    }
    EventsAndOutcomes found;
    decode_in_blocks(*at_once, text, found);
    EXPECT_EQ(found.events.texts, expected.events.texts) << stream.name;
    EXPECT_EQ(found.outcomes, expected.outcomes) << stream.name;
    EXPECT_EQ(saved(*at_once), saved(*one_by_one)) << stream.name;
  }
}

TEST(DecoderState, ADecoderOfMessagesResumes) {
  std::vector<Stream> streams;
  for (const auto& [file, yaml] : test::profile_files()) {
    const auto profile = load_profile(yaml, file).value();
    Stream examples{profile->name + ", examples", profile, SourceKind::mqtt, Envelope::plain, {}};
    for (const Rule& rule : profile->rules) {
      for (const Example& example : rule.examples) {
        const std::string topic = example.input.topic.empty() ? "$SYS/broker/log/N" : example.input.topic;
        for (const auto& input : example.after) examples.records.push_back({input.payload, topic});
        examples.records.push_back({example.input.payload, topic});
      }
    }
    streams.push_back(std::move(examples));
  }
  for (const auto& entry : fs::recursive_directory_iterator(MRE_TESTDATA)) {
    auto messages =
        entry.path().extension() == ".jsonl" ? messages_in(lines_of(entry.path())) : std::vector<OwnRecord>{};
    if (messages.empty()) continue;
    const auto profile = find_profile(entry.path().parent_path().filename().string(), {}).value();
    streams.push_back({entry.path(), profile, SourceKind::mqtt, Envelope::plain, std::move(messages)});
  }
  EXPECT_GE(streams.size(), 23U);
  expect_stops_change_nothing(streams);
}

/// The events of some lines, in their order.
std::vector<std::string> events_of(Decoder& decoder, const std::vector<OwnRecord>& records) {
  struct Events final : EventSink {
    void on_code(const ReasonEvent& event) override { events.push_back(to_text(event)); }
    void on_close(const CloseEvent& event) override { events.push_back(to_text(event)); }
    void on_denial(const DenialEvent& event) override { events.push_back(to_text(event)); }
    std::vector<std::string> events;
  } sink;
  for (const OwnRecord& record : records) decoder.decode({record.payload, record.topic, false}, sink);
  decoder.settle(sink);
  return sink.events;
}

// The first lines of each: what an envelope adds is at its beginning and between lines.
TEST(DecoderState, EveryRecordingHasTheSameEventsInEveryEnvelope) {
  const std::size_t enough = 100 * test::effort();
  for (const Stream& log : plain_logs()) {
    if (log.name.ends_with(", examples")) continue;  // they are not one log
    std::vector<std::string> lines;
    for (const OwnRecord& record : log.records) {
      if (lines.size() < enough) lines.push_back(record.payload);
    }
    for (std::size_t i = 0; i < kEnvelopeNames.size(); ++i) {
      const auto envelope = static_cast<Envelope>(i);
      test::Enveloper enveloper(envelope, 7);
      const auto wrapped = as_records(enveloper.wrap(lines), {});
      const auto expected =
          events_of(*make_decoder(log.profile, log.kind), as_records(enveloper.ended(), {}));
      for (const Envelope as : {envelope, Envelope::detect}) {
        const auto decoder = unwrap(as, make_decoder(log.profile, log.kind));
        EXPECT_EQ(events_of(*decoder, wrapped), expected)
            << log.name << " in " << to_string(envelope) << " read as " << to_string(as);
      }
    }
  }
}

// The first lines and some from the middle of each log are enough: what an envelope adds is between lines.
// Each log is tried in some envelopes, each envelope with some logs.
constexpr std::size_t kParts = 6;
class PartOfTheLogs : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(DecoderState, PartOfTheLogs, testing::Range(std::size_t{0}, kParts));

TEST_P(PartOfTheLogs, ADecoderOfALogInAnEnvelopeResumes) {
  constexpr std::size_t enough = 20;
  const std::size_t share = std::max<std::size_t>(1, 12 / test::effort());
  std::vector<Stream> streams;
  std::size_t number = 0;
  for (const Stream& log : plain_logs()) {
    if (++number % kParts != GetParam()) continue;
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < std::min(log.records.size(), enough); ++i)
      lines.push_back(log.records[i].payload);
    for (std::size_t i = std::max(enough, log.records.size() / 2);
         i < log.records.size() && lines.size() < 2 * enough; ++i)
      lines.push_back(log.records[i].payload);
    for (std::size_t i = number % share; i < kEnvelopeNames.size(); i += share) {
      const auto envelope = static_cast<Envelope>(i);
      test::Enveloper enveloper(envelope, static_cast<std::uint32_t>(lines.size()));
      const std::string name = log.name + " in " + std::string(to_string(envelope));
      const auto records = as_records(enveloper.wrap(lines), {});
      streams.push_back({name, log.profile, log.kind, envelope, records});
      streams.push_back({name + ", detected", log.profile, log.kind, Envelope::detect, records});
    }
  }
  expect_stops_change_nothing(streams);
}

/// The fullest state on the way through the subject's records, and the last.
std::pair<std::string, std::string> states_of(const test::StateSubject& subject) {
  const auto decoder = subject.decoder();
  std::pair<std::string, std::string> states;
  NullSink sink;
  for (const auto& record : subject.records()) {
    decoder->decode({record.payload, record.topic, false}, sink);
    states.second = saved(*decoder).substr(subject.head().size());
    if (states.second.size() > states.first.size()) states.first = states.second;
  }
  return states;
}

// They must still be restorable, or the fuzz target would never get past the first bytes.
TEST(DecoderState, TheCorpusOfTheFuzzTargetHasTheStates) {
  const fs::path corpus = fs::path(MRE_SOURCE_DIR) / "tests/fuzz/corpus/decoder_state";
  for (std::size_t number = 0; number < test::StateSubject::kCount; ++number) {
    const test::StateSubject subject(number);
    const auto states = states_of(subject);
    for (const auto& [name, state] : {std::pair("-full", states.first), std::pair("-last", states.second)}) {
      const fs::path file = corpus / ("subject" + std::to_string(number) + name);
      SCOPED_TRACE(file.string());
      if (std::getenv("MRE_UPDATE_CORPUS") != nullptr)
        std::ofstream(file, std::ios::binary) << static_cast<char>(number) << state;
      const std::string input = file_text(file.string());
      ASSERT_FALSE(input.empty());
      ASSERT_EQ(static_cast<std::size_t>(input.front()), number);
      const auto decoder = subject.decoder();
      const std::string bytes = subject.head() + input.substr(1);
      ByteReader in(bytes);
      EXPECT_TRUE(decoder->restore(in) && in.finished());
      EXPECT_EQ(saved(*decoder), bytes);
    }
  }
}

}  // namespace
}  // namespace mre
