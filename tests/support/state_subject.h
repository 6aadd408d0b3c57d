// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/envelope/unwrap.h"
#include "exporter/profile/profile.h"
#include "tests/support/profile_files.h"

// The decoders whose saved states the fuzz target tests/fuzz/fuzz_decoder_state.cc takes in. Its input: one
// byte that chooses the subject, then the state without its head, which contains the profile's fingerprint:
// so an input outlives a change of the profile.
namespace mre::test {

inline std::string saved(const Decoder& decoder) {
  ByteWriter out;
  decoder.save(out);
  return std::move(out).take();
}

/// Remembers nothing.
class Nothing final : public StatelessDecoder {
 public:
  Decoded decode(const Record&, EventSink&) override { return {}; }
};

class StateSubject {
 public:
  static constexpr std::size_t kCount = 9;

  explicit StateSubject(std::size_t number) {
    constexpr std::pair<const char*, SourceKind> profiles[] = {
        {"mosquitto", SourceKind::log}, {"mosquitto", SourceKind::mqtt}, {"emqx", SourceKind::log},
        {"hivemq", SourceKind::log},    {"aws-iot", SourceKind::mqtt},   {"flashmq", SourceKind::log}};
    constexpr Envelope envelopes[] = {Envelope::detect, Envelope::cri, Envelope::journald_export};
    static_assert(std::size(profiles) + std::size(envelopes) == kCount);
    number %= kCount;
    if (number >= std::size(profiles)) {
      envelope_ = envelopes[number - std::size(profiles)];
    } else {
      profile_ = profile_from_file(profiles[number].first);
      kind_ = profiles[number].second;
    }
    const std::string bytes = saved(*decoder());
    ByteReader in(bytes);
    ByteWriter head;
    head.text(in.text());
    if (profile_ != nullptr) {
      head.text(in.text());
      head.word(in.word());
    }
    head.number(in.number());
    head_ = std::move(head).take();
  }

  std::unique_ptr<Decoder> decoder() const {
    constexpr std::size_t clients = 16;
    return profile_ != nullptr ? make_decoder(profile_, kind_, clients)
                               : unwrap(envelope_, std::make_unique<Nothing>());
  }

  const std::string& head() const { return head_; }

  /// The profile's examples, or lines in envelopes.
  std::vector<Example::Input> records() const {
    if (profile_ == nullptr) {
      std::vector<Example::Input> lines;
      for (const char* line : {"2026-11-22T04:32:40Z stdout P a", "2026-11-22T04:32:40Z stderr F b",
                               "__CURSOR=s=1;b=2", "MESSAGE", "x", "2026-11-22T04:32:40Z stdout F c", "",
                               R"({"log":"d","stream":"stdout","time":"2026"})"})
        lines.push_back({{}, line});
      return lines;
    }
    std::vector<Example::Input> records;
    for (const Rule& rule : profile_->rules) {
      for (const Example& example : rule.examples) {
        records.insert(records.end(), example.after.begin(), example.after.end());
        records.push_back(example.input);
      }
    }
    return records;
  }

 private:
  std::shared_ptr<const Profile> profile_;  // null: an envelope
  SourceKind kind_ = SourceKind::log;
  Envelope envelope_ = Envelope::plain;
  std::string head_;
};

}  // namespace mre::test
