// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "exporter/event/event_text.h"
#include "exporter/profile/profile.h"
#include "tests/support/profile_files.h"

// Every rule is needed: without it an example of its profile is told otherwise, or not at all. So nobody can
// take a rule away, or put one before it that reads all its records, and see all tests pass; its examples go
// with it, but tests/testdata/rules.txt does not.
namespace mre {
namespace {

struct Texts final : EventSink {
  void on_code(const ReasonEvent& event) override { texts.push_back(to_text(event)); }
  void on_close(const CloseEvent& event) override { texts.push_back(to_text(event)); }
  void on_denial(const DenialEvent& event) override { texts.push_back(to_text(event)); }
  std::vector<std::string> texts;
};

struct Told {
  Outcome outcome;
  std::string version;  ///< Of the broker, as far as the records name it.
  std::vector<std::string> texts;
  bool operator==(const Told&) const = default;
};

Told tell(const std::shared_ptr<const Profile>& profile, SourceKind kind, const Example& example) {
  const auto decoder = make_decoder(profile, kind, 64);
  const auto decode = [&](const Example::Input& input, EventSink& sink) {
    return decoder->decode({input.payload, input.topic, input.retained}, sink).outcome;
  };
  Texts before;
  for (const auto& input : example.after) decode(input, before);
  Texts found;
  const Outcome outcome = decode(example.input, found);
  decoder->settle(found);
  return {outcome, decoder->stats().broker_version, found.texts};
}

SourceKind kind_of(const Rule& rule) {
  return (rule.sources & bit_of(SourceKind::log)) != 0 ? SourceKind::log : SourceKind::mqtt;
}

TEST(EveryRule, TellsWhatNoOtherRuleTells) {
  for (const auto& [file, yaml] : test::profile_files()) {
    const auto profile = load_profile(yaml, file);
    ASSERT_TRUE(profile.has_value()) << profile.error().what;
    for (std::size_t i = 0; i < (*profile)->rules.size(); ++i) {
      const Rule& rule = (*profile)->rules[i];
      const auto less = std::make_shared<Profile>(**profile);
      less->rules.erase(less->rules.begin() + static_cast<std::ptrdiff_t>(i));
      const auto needs_it = [&](const Rule& other) {
        return std::ranges::any_of(other.examples, [&](const Example& example) {
          const SourceKind kind = kind_of(other);
          return tell(*profile, kind, example) != tell(less, kind, example);
        });
      };
      const bool needed = needs_it(rule) || std::ranges::any_of((*profile)->rules, needs_it);
      EXPECT_TRUE(needed) << file << ":" << rule.line << ": nothing is told otherwise without the rule \""
                          << rule.id << "\"";
    }
  }
}

}  // namespace
}  // namespace mre
