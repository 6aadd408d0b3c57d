// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "exporter/event/decoder.h"
#include "exporter/event/event_text.h"
#include "exporter/profile/profile.h"
#include "exporter/recording/event_line.h"

namespace mre {

/// Counts events by their text.
class Tally final : public EventSink {
 public:
  void on_code(const ReasonEvent& event) override { ++counts[to_text(event)]; }
  void on_close(const CloseEvent& event) override { ++counts[to_text(event)]; }
  void on_denial(const DenialEvent& event) override { ++counts[to_text(event)]; }

  /// "12 CONNACK sent 5.0 0x87 explicit" lines, sorted by the event.
  std::string lines() const {
    std::string all;
    for (const auto& [text, count] : counts) all += std::to_string(count) + " " + text + "\n";
    return all;
  }

  std::map<std::string, int> counts;
};

/// What an embedded profile reads from a recorded log.
inline Tally tally_log(std::string_view profile_name, const std::string& file) {
  Tally tally;
  const auto profile = find_profile(profile_name, {});
  if (!profile) return tally;
  const auto decoder = make_decoder(*profile, SourceKind::log);
  std::ifstream log(file, std::ios::binary);
  for (std::string line; std::getline(log, line);) decoder->decode({line, {}, false}, tally);
  decoder->settle(tally);
  return tally;
}

/// What an embedded profile reads from recorded messages, one JSON object a line.
inline Tally tally_messages(std::string_view profile_name, const std::string& file) {
  Tally tally;
  const auto profile = find_profile(profile_name, {});
  if (!profile) return tally;
  const auto decoder = make_decoder(*profile, SourceKind::mqtt);
  std::ifstream recording(file, std::ios::binary);
  EventLine messages;
  for (std::string line; std::getline(recording, line);) {
    if (const auto record = messages.read(line)) decoder->decode(*record, tally);
  }
  decoder->settle(tally);
  return tally;
}

inline std::string file_text(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace mre
