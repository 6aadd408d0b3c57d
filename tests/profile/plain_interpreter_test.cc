// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "exporter/recording/event_line.h"
#include "tests/support/effort.h"
#include "tests/support/plain/same_as_plain.h"
#include "tests/support/profile_files.h"

// The engine against a plain interpreter of the same profile, over all recordings and examples, and over
// mutations of them.
namespace mre::test {
namespace {

namespace fs = std::filesystem;

struct Stream {
  std::string name;
  std::shared_ptr<const Profile> profile;
  SourceKind kind;
  std::vector<PlainRecord> records;
};

/// A recording of messages, or of lines.
Stream recording_of(const fs::path& file, const std::shared_ptr<const Profile>& profile) {
  Stream messages{file, profile, SourceKind::mqtt, {}};
  Stream lines{file, profile, SourceKind::log, {}};
  std::ifstream stream(file, std::ios::binary);
  EventLine reader;
  for (std::string line; std::getline(stream, line);) {
    if (const auto record = reader.read(line))
      messages.records.push_back({std::string(record->payload), std::string(record->topic)});
    lines.records.push_back({line});
  }
  return messages.records.empty() ? lines : messages;
}

std::vector<Stream> recordings() {
  std::vector<Stream> streams;
  for (const auto& [file, yaml] : profile_files()) {
    const auto profile = load_profile(yaml, file).value();
    Stream examples{profile->name + ", examples", profile, SourceKind::log, {}};
    Stream messages{profile->name + ", examples", profile, SourceKind::mqtt, {}};
    const auto add = [&](const Example::Input& input) {
      const bool is_line = input.topic.empty() && input.payload.find('\n') == std::string::npos;
      // With ten digits, as Mosquitto writes them: a loop of its own reads such lines.
      const bool has_stamp = input.payload.starts_with("1: ");
      if (is_line)
        examples.records.push_back({has_stamp ? "1795322238: " + input.payload.substr(3) : input.payload});
      messages.records.push_back({input.payload, input.topic.empty() ? "$SYS/broker/log/N" : input.topic});
    };
    for (const Rule& rule : profile->rules) {
      for (const Example& example : rule.examples) {
        std::ranges::for_each(example.after, add);
        add(example.input);
      }
    }
    streams.push_back(examples);
    streams.push_back(messages);
    const fs::path directory = fs::path(MRE_TESTDATA) / profile->name;
    if (!fs::exists(directory)) continue;
    for (const auto& entry : fs::directory_iterator(directory)) {
      const auto ending = entry.path().extension();
      if (ending == ".log" || ending == ".jsonl") streams.push_back(recording_of(entry.path(), profile));
    }
  }
  return streams;
}

/// One record changed as clients and broken disks change them: cut, with bytes of another record in it, with a
/// byte that is another one, without a part.
void mutate(std::string& text, const std::string& other, std::mt19937& random) {
  const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
  const std::size_t at = below(text.size());
  constexpr std::string_view bytes = " ,.:;()[]{}'\"0159AZaz\\\t\xC3\xFF-_/$=";
  switch (random() % 6) {
    case 0:
      text.resize(at);
      break;
    case 1:
      text.insert(at, other.substr(below(other.size())));
      break;
    case 2:
      if (!text.empty()) text[at] = bytes[below(bytes.size())];
      break;
    case 3:
      text.erase(at, 1 + below(8));
      break;
    case 4:
      text.insert(at, text.substr(below(text.size()), below(40)));
      break;
    default:
      text += text.substr(at);
  }
  std::erase(text, '\n');
}

/// Some records changed, some replaced by another, and after some another one, up to twenty times: as many as end
/// the wait for an echo.
Stream mutated(const Stream& stream, std::mt19937& random) {
  Stream changed{stream.name, stream.profile, stream.kind, {}};
  for (const PlainRecord& record : stream.records) {
    const PlainRecord& other = stream.records[random() % stream.records.size()];
    changed.records.push_back(random() % 16 == 0 ? other : record);
    if (random() % 4 == 0) mutate(changed.records.back().payload, other.payload, random);
    if (random() % 16 == 0) changed.records.insert(changed.records.end(), 1 + random() % 20, other);
  }
  return changed;
}

TEST(EngineModel, SaysTheSameOfAllRecordings) {
  const auto streams = recordings();
  EXPECT_GE(streams.size(), 75U);
  for (const Stream& stream : streams)
    EXPECT_EQ(difference(stream.profile, stream.kind, stream.records), "") << stream.name;
}

TEST(EngineModel, SaysTheSameOfMutatedRecordings) {
  const char* const given = std::getenv("MRE_SEED");
  const auto seed = given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
  constexpr std::size_t max_records = 2000;
  const auto streams = recordings();
  for (unsigned round = 0; round < effort(); ++round) {
    SCOPED_TRACE("MRE_SEED=" + std::to_string(seed + round) + " reproduces this round");
    std::mt19937 random(seed + round);
    for (Stream stream : streams) {
      if (stream.records.empty()) continue;
      stream.records.resize(std::min(stream.records.size(), max_records));
      const Stream changed = mutated(stream, random);
      ASSERT_EQ(difference(changed.profile, changed.kind, changed.records), "") << stream.name;
    }
  }
}

}  // namespace
}  // namespace mre::test
