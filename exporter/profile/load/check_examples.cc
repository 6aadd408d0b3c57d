// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "exporter/base/join.h"
#include "exporter/base/yaml_tree.h"
#include "exporter/event/event_texts.h"
#include "exporter/profile/profile.h"

namespace mre {
namespace {

std::string events_text(const std::vector<std::string>& texts) {
  return texts.empty() ? "no event" : join(texts, ", ");
}

Decoded decode(Decoder& decoder, const Example::Input& input, EventSink& sink) {
  return decoder.decode({input.payload, input.topic, input.retained}, sink);
}

/// The error of an example; empty if it passes.
std::string error_of(const std::shared_ptr<const Profile>& profile, const Rule& rule, const Example& example,
                     SourceKind kind) {
  const auto decoder = make_decoder(profile, kind, 64);
  EventTexts before;
  for (const auto& input : example.after) decode(*decoder, input, before);
  EventTexts found;
  const Decoded decoded = decode(*decoder, example.input, found);
  decoder->settle(found);
  if (example.counterexample) {
    if (decoded.rule == &rule.id) return "the counterexample is read by the rule \"" + rule.id + "\"";
  } else if (decoded.rule != &rule.id) {
    return "the example is read by " +
           (decoded.rule == nullptr ? "no rule" : "the rule \"" + *decoded.rule + "\"") + ", not by \"" +
           rule.id + "\"";
  }
  if ((!example.counterexample || example.gives_written) && found.texts != example.gives)
    return "rule \"" + rule.id + "\": the example emits " + events_text(found.texts) +
           ", but \"gives\" says " + events_text(example.gives);
  return {};
}

/// The error of an example of a prefix; empty if it passes.
std::string error_of(const Profile& profile, const Prefix& prefix, const Example& example) {
  Captures unused;
  const Prefix* const found = profile.find_prefix(example.input.payload, unused).prefix;
  if (example.counterexample) return found == &prefix ? "the counterexample begins with the prefix" : "";
  if (found == &prefix) return {};
  return found == nullptr ? "the example does not begin with a prefix of the profile"
                          : "the example begins with an earlier prefix of the profile";
}

}  // namespace

Result<void> check_examples(const std::shared_ptr<const Profile>& profile) {
  for (const Prefix& prefix : profile->prefixes) {
    for (const Example& example : prefix.examples) {
      if (const auto wrong = error_of(*profile, prefix, example); !wrong.empty())
        return fail(Errc::invalid_config, located(profile->file, {example.line, example.column}, wrong));
    }
  }
  for (const Rule& rule : profile->rules) {
    if (std::ranges::all_of(rule.examples, &Example::counterexample)) {
      return fail(Errc::invalid_config, located(profile->file, {rule.line, rule.column},
                                                "the rule has no examples: add at least one"));
    }
    for (const Example& example : rule.examples) {
      const SourceKind kind =
          (rule.sources & bit_of(SourceKind::log)) != 0 ? SourceKind::log : SourceKind::mqtt;
      if (const auto wrong = error_of(profile, rule, example, kind); !wrong.empty())
        return fail(Errc::invalid_config, located(profile->file, {example.line, example.column}, wrong));
    }
  }
  return {};
}

}  // namespace mre
