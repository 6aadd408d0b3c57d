// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "exporter/event/event_texts.h"
#include "exporter/profile/profile.h"
#include "tests/support/profile_files.h"

// Every rule is needed: without it the result of an example of its profile changes. So no rule can be shadowed by
// an earlier one without a failing test. A removed rule is missing in tests/testdata/rules.txt.
namespace mre {
namespace {

struct RuleResult {
  Outcome outcome;
  std::string version;  ///< The broker version that the records name.
  std::vector<std::string> texts;
  bool operator==(const RuleResult&) const = default;
};

RuleResult result_of(const std::shared_ptr<const Profile>& profile, SourceKind kind, const Example& example) {
  const auto decoder = make_decoder(profile, kind, 64);
  const auto decode = [&](const Example::Input& input, EventSink& sink) {
    return decoder->decode({input.payload, input.topic, input.retained}, sink).outcome;
  };
  EventTexts before;
  for (const auto& input : example.after) decode(input, before);
  EventTexts found;
  const Outcome outcome = decode(example.input, found);
  decoder->settle(found);
  return {outcome, decoder->stats().broker_version, found.texts};
}

SourceKind kind_of(const Rule& rule) {
  return (rule.sources & bit_of(SourceKind::log)) != 0 ? SourceKind::log : SourceKind::mqtt;
}

TEST(EveryRule, IsNeeded) {
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
          return result_of(*profile, kind, example) != result_of(less, kind, example);
        });
      };
      const bool needed = needs_it(rule) || std::ranges::any_of((*profile)->rules, needs_it);
      EXPECT_TRUE(needed) << file << ":" << rule.line
                          << ": all examples have the same results without the rule \"" << rule.id << "\"";
    }
  }
}

}  // namespace
}  // namespace mre
