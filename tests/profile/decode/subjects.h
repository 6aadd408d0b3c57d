// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/event/event_text.h"
#include "exporter/profile/profile.h"
#include "tests/support/profile_files.h"

namespace mre::test {

/// The parts of a subject that are known: " client=a user=b peer=c topic=d text=e".
inline std::string to_text(const Subject& subject) {
  std::string text;
  const auto part = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) text.append(" ").append(name).append("=").append(value);
  };
  part("client", subject.client);
  part("user", subject.user);
  part("peer", subject.peer);
  part("topic", subject.topic);
  part("text", subject.reason_string);
  return text;
}

/// Each event of a decoder with its subject.
class Subjects final : public EventSink {
 public:
  explicit Subjects(const Decoder& decoder) : decoder_(decoder) {}
  void on_code(const ReasonEvent& event) override { add(mre::to_text(event)); }
  void on_close(const CloseEvent& event) override { add(mre::to_text(event)); }
  void on_denial(const DenialEvent& event) override { add(mre::to_text(event)); }

  std::vector<std::string> texts;

 private:
  void add(const std::string& event) { texts.push_back(event + to_text(decoder_.subject())); }

  const Decoder& decoder_;
};

/// The profile of that name, loaded once.
inline std::shared_ptr<const Profile> loaded_once(const std::string& name) {
  static std::map<std::string, std::shared_ptr<const Profile>> loaded;
  auto& profile = loaded[name];
  if (profile == nullptr) profile = profile_from_file(name);
  return profile;
}

inline std::vector<std::string> subjects_of(const std::string& profile,
                                            const std::vector<std::string>& lines) {
  const auto decoder = make_decoder(loaded_once(profile), SourceKind::log, 64);
  Subjects sink(*decoder);
  for (const std::string& line : lines) decoder->decode({line, {}, false}, sink);
  decoder->settle(sink);
  return sink.texts;
}

inline std::vector<std::string> subjects_of(const std::string& profile, const std::string& topic,
                                            const std::string& payload) {
  const auto decoder = make_decoder(loaded_once(profile), SourceKind::mqtt, 64);
  Subjects sink(*decoder);
  decoder->decode({payload, topic, false}, sink);
  decoder->settle(sink);
  return sink.texts;
}

}  // namespace mre::test
