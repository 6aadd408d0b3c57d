// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/event/event_texts.h"
#include "tests/support/plain/plain_interpreter.h"

namespace mre::test {

/// A log line without a topic, or a message.
struct PlainRecord {
  std::string payload;
  std::string topic = {};
};

inline std::string text_of(const Decoded& decoded, const EventTexts& events) {
  std::string text = std::string(to_string(decoded.outcome)) + " " + std::string(to_string(decoded.error)) +
                     " " + (decoded.rule == nullptr ? "-" : *decoded.rule);
  for (const std::string& event : events.texts) text += "\n    " + event;
  return text;
}

/// Reads the lines as a feed does, many at once where the decoder takes them. The events, and the number of lines
/// with each outcome.
inline std::pair<std::vector<std::string>, std::array<std::uint64_t, kOutcomes>> read_at_once(
    Decoder& decoder, std::string_view text) {
  EventTexts events;
  std::array<std::uint64_t, kOutcomes> outcomes{};
  const auto count = [&](Outcome outcome, std::uint64_t lines) {
    outcomes[static_cast<std::size_t>(outcome)] += lines;
  };
  while (!text.empty()) {
    constexpr std::size_t max_line_bytes = 1'000'000;
    const DecodedLines read = decoder.decode_lines({text, max_line_bytes}, events);
    count(Outcome::matched, read.matched);
    count(Outcome::ignored, read.ignored);
    if (read.not_recognised) count(read.not_recognised->outcome, 1);
    text.remove_prefix(read.bytes);
    if (read.lines() > 0) continue;
    const std::size_t end = text.find('\n');
    count(decoder.decode({text.substr(0, end), {}, false}, events).outcome, 1);
    text.remove_prefix(end + 1);
  }
  decoder.settle(events);
  return {events.texts, outcomes};
}

/// Where the engine, one record at a time or many lines at once, does not say what the plain interpreter says.
/// Empty if it always does. Log lines must have no line end.
inline std::string difference(const std::shared_ptr<const Profile>& profile, SourceKind kind,
                              const std::vector<PlainRecord>& records) {
  PlainInterpreter plain(profile, kind);
  const auto decoder = make_decoder(profile, kind);
  std::vector<std::string> all;
  std::array<std::uint64_t, kOutcomes> outcomes{};
  std::string block;
  for (const PlainRecord& record : records) {
    EventTexts expected;
    EventTexts found;
    const Decoded as_plain = plain.decode({record.payload, record.topic, false}, expected);
    const Decoded decoded = decoder->decode({record.payload, record.topic, false}, found);
    if (text_of(decoded, found) != text_of(as_plain, expected)) {
      return profile->name + ": " + record.topic + " " + record.payload +
             "\nengine: " + text_of(decoded, found) + "\nplain:  " + text_of(as_plain, expected);
    }
    all.insert(all.end(), expected.texts.begin(), expected.texts.end());
    ++outcomes[static_cast<std::size_t>(as_plain.outcome)];
    block += record.payload + "\n";
  }
  EventTexts expected;
  EventTexts found;
  plain.settle(expected);
  decoder->settle(found);
  if (found.texts != expected.texts) return profile->name + ": the events that waited to the end";
  if (kind != SourceKind::log) return {};
  all.insert(all.end(), expected.texts.begin(), expected.texts.end());
  const auto [events, counts] = read_at_once(*make_decoder(profile, kind), block);
  if (events != all) return profile->name + ": the events of lines that are read at once";
  return counts == outcomes ? std::string() : profile->name + ": the outcomes of lines that are read at once";
}

}  // namespace mre::test
