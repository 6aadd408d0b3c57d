// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/load/read_rule.h"

#include <algorithm>
#include <iterator>

#include "exporter/base/nearest.h"
#include "exporter/base/text.h"
#include "exporter/profile/load/profile_keys.h"
#include "exporter/profile/load/read_case.h"
#include "exporter/profile/load/read_members.h"
#include "exporter/profile/load/read_parts.h"
#include "exporter/profile/load/read_patterns.h"
#include "exporter/profile/load/read_subscribe.h"
#include "exporter/profile/match/code_reader.h"

namespace mre {
namespace {

std::optional<CodeSpelling> spelling_from(std::string_view text) {
  if (text == "dec") return CodeSpelling::dec;
  if (text == "hex") return CodeSpelling::hex;
  if (text == "name") return CodeSpelling::name;
  if (text == "signed") return CodeSpelling::signed_dec;
  return {};
}

std::optional<SourceKind> source_from(std::string_view text) {
  if (text == "log") return SourceKind::log;
  if (text == "mqtt") return SourceKind::mqtt;
  return {};
}

class RuleReader {
 public:
  explicit RuleReader(ProfileReader& read) : read_(read) {}

  void read_rule(const YamlNode& node, Profile& profile) {
    if (!read_.map(node, profile_keys::kRule)) return;
    Rule rule;
    rule.line = node.at.line;
    rule.column = node.at.column;
    rule.id = read_id(node, profile);
    if (!read_kind(node, rule)) return;
    read_sources(node, profile, rule);
    read_level(node, profile, rule);
    read_flags(node, rule);
    read_echo(node, profile, rule);
    read_cases(node, rule);
    read_patterns(node, rule);
    read_members(node, rule, profile.member_names);
    if (const auto* payload = read_.find(node, "payload")) read_payload(*payload, rule);
    if (const auto* parts = read_.find(node, "parts")) rule.parts = mre::read_parts(*parts, read_);
    read_code(node, rule);
    read_subscribe(node, read_, rule);
    if ((rule.announces || rule.answers) && !rule.reads_field(Field::client) &&
        !profile.reads_around(Field::client))
      read_.refuse(node.at, "\"announces\" and \"answers\" need a {client}");
    if (read_.error()) return;
    read_examples(node, rule);
    profile.rules.push_back(std::move(rule));
  }

 private:
  std::string read_id(const YamlNode& node, const Profile& profile) {
    const std::string id = read_.text(read_.need(node, "id"));
    const auto earlier = std::ranges::find(profile.rules, id, &Rule::id);
    if (earlier != profile.rules.end())
      read_.refuse(node.at, "duplicate id \"" + id + "\" (first defined on line " +
                                std::to_string(earlier->line) + ")");
    return id;
  }

  /// Returns false if the rest of the rule cannot be read.
  bool read_kind(const YamlNode& node, Rule& rule) {
    const bool object = read_.flag(read_.find(node, "object"));
    const bool topic = read_.find(node, "topic") != nullptr;
    const bool line = read_.find(node, "line") != nullptr;
    rule.reads = object ? Rule::Reads::object : topic ? Rule::Reads::topic : Rule::Reads::line;
    if (line + topic + object == 1) return true;
    read_.refuse(
        node.at,
        "a rule needs exactly one of \"line\", \"topic\" (a JSON message) and \"object: true\" (a line that "
        "is JSON)");
    return false;
  }

  void read_flags(const YamlNode& node, Rule& rule) {
    rule.connects = read_.flag(read_.find(node, "connects"));
    rule.announces = read_.flag(read_.find(node, "announces"));
    rule.answers = read_.flag(read_.find(node, "answers"));
    rule.ends = read_.flag(read_.find(node, "ends"));
    rule.restarts = read_.flag(read_.find(node, "restarts"));
    if (const auto* until = read_.find(node, "until"))
      rule.until = read_.word(*until, version_from, "a version like 2.1");
    rule.always_ignored = read_.flag(read_.find(node, "ignore"));
  }

  void read_echo(const YamlNode& node, Profile& profile, Rule& rule) {
    rule.waits = read_.flag(read_.find(node, "waits"));
    if (const auto* echo = read_.find(node, "echo")) rule.echo = echo_group(*echo, profile);
    if (rule.waits && rule.echo == kNoEcho) read_.refuse(node.at, "\"waits\" needs an \"echo\" group");
  }

  void read_sources(const YamlNode& node, const Profile& profile, Rule& rule) {
    const auto* sources = read_.find(node, "sources");
    if (sources == nullptr) {
      rule.sources = bit_of(rule.reads == Rule::Reads::topic ? SourceKind::mqtt : SourceKind::log);
    } else {
      for (const auto* one : read_.one_or_more(*sources))
        rule.sources |= bit_of(read_.word(*one, source_from, "log mqtt"));
    }
    for (const SourceKind kind : kProfiledKinds) {
      if ((rule.sources & bit_of(kind)) != 0 && !profile.source(kind).supported)
        read_.refuse(node.at, "the rule is for the source \"" + std::string(to_string(kind)) +
                                  "\", which the profile does not list in \"sources\"");
    }
  }

  // In a source without a level of that name the record belongs to the first level: Mosquitto's topics.
  void read_level(const YamlNode& node, const Profile& profile, Rule& rule) {
    const auto* level = read_.find(node, "level");
    if (level == nullptr) return;
    const std::string name = read_.text(*level);
    std::vector<std::string_view> known;
    bool found = false;
    for (const SourceKind kind : kProfiledKinds) {
      if ((rule.sources & bit_of(kind)) == 0) continue;
      const auto& levels = profile.source(kind).levels;
      for (std::size_t i = 0; i < levels.size(); ++i) {
        known.push_back(levels[i].name);
        if (levels[i].name != name) continue;
        rule.level[static_cast<std::size_t>(kind)] = static_cast<std::uint8_t>(i);
        found = true;
      }
    }
    if (known.empty()) return read_.refuse(level->at, "the source of the rule has no \"levels\"");
    if (!found)
      read_.refuse(level->at, "unknown level \"" + printable(name) + "\": " + suggestion(name, known));
  }

  std::uint8_t echo_group(const YamlNode& node, Profile& profile) {
    const std::string name = read_.text(node);
    auto& groups = profile.echo_groups;
    const auto found = std::ranges::find(groups, name);
    const auto number = static_cast<std::uint8_t>(found - groups.begin());
    if (found == groups.end()) groups.push_back(name);
    if (groups.size() >= kNoEcho) read_.refuse(node.at, "more than 254 echo groups are not supported");
    return number;
  }

  // A line with {why} becomes one pattern for each {why} of its cases, which are compared literally.
  void read_patterns(const YamlNode& node, Rule& rule) {
    if (rule.reads == Rule::Reads::object) return;
    const bool is_line = rule.reads == Rule::Reads::line;
    const YamlNode& source = read_.need(node, is_line ? "line" : "topic");
    if (source.kind == YamlNode::Kind::list && rule.always_ignored) {
      for (const auto& one : source.items) add_patterns(one, read_.text(one), rule);
      return;
    }
    const std::string text = read_.text(source);
    const std::size_t why = is_line ? text.find("{why}") : std::string::npos;
    if (why == std::string::npos) return add_patterns(source, text, rule);
    for (const Case& one : rule.cases) {
      if (one.when.why.empty())
        read_.refuse(source.at, "the line has {why}: each case needs \"when: {why: …}\"");
      for (const auto& words : one.when.why) {
        if (std::ranges::find(rule.whys, words) != rule.whys.end()) continue;
        add_patterns(source, std::string(text).replace(why, 5, words), rule);
        rule.whys.resize(rule.patterns.size(), words);
      }
    }
  }

  void read_members(const YamlNode& node, Rule& rule, MemberNames& names) {
    const auto* members = read_.find(node, "members");
    if (members == nullptr) {
      if (const auto* identity = read_.find(node, "identity"))
        read_.refuse(identity->at,
                     "\"identity\" names members of an object, but the rule has no \"members\"");
      if (rule.reads == Rule::Reads::object)
        read_.refuse(node.at, "\"object\" needs \"members\" with `field: member` lines");
      return;
    }
    rule.members = mre::read_members(*members, read_, names);
    rule.subject_members = take_subject(rule.members);
    if (rule.reads == Rule::Reads::line)
      read_.refuse(members->at, "\"members\" are members of an object, but the rule reads a \"line\"");
    if (rule.reads == Rule::Reads::topic && patterns_have_fields(rule))
      read_.refuse(node.at, "a rule with \"members\" cannot read fields from its topic: write {*} there");
    if (const auto* identity = read_.find(node, "identity")) {
      for (const auto& name : read_.texts(*identity))
        rule.members.push_back({Field::identity, name, {}, names.add(name)});
    }
  }

  void read_payload(const YamlNode& node, Rule& rule) {
    rule.payload = read_.word(node, field_from, "who user topic reason_string address");
    if (!is_for_subject(*rule.payload) || rule.reads != Rule::Reads::topic || !rule.members.empty())
      read_.refuse(node.at,
                   "\"payload\" needs a \"topic\" without \"members\", and one of who, user, topic, "
                   "reason_string and address");
  }

  static bool patterns_have_fields(const Rule& rule) {
    return std::ranges::any_of(rule.patterns, [](const Pattern& pattern) {
      for (std::size_t i = 0; i < kFields; ++i) {
        if (pattern.has(static_cast<Field>(i))) return true;
      }
      return false;
    });
  }

  void read_code(const YamlNode& node, Rule& rule) {
    rule.reads_code = rule.reads_field(Field::code) || rule.reads_field(Field::codes);
    const auto* code = read_.find(node, "code");
    if (rule.reads_code != (code != nullptr)) {
      read_.refuse(node.at,
                   rule.reads_code
                       ? "the rule reads {code}: add its spelling, \"code: dec\", hex, name or signed"
                       : "\"code\" is the spelling of {code}, but the rule reads no {code}");
    }
    if (code != nullptr) rule.spelling = read_.word(*code, spelling_from, "dec hex name signed");
    if (const auto* separator = read_.find(node, "separator")) {
      const std::string text = read_.text(*separator);
      if (text.size() != 1) read_.refuse(separator->at, "the separator of {codes} must be one character");
      rule.separator = text.empty() ? ',' : text.front();
    }
  }

  /// Adds one pattern for each expansion of `text`.
  void add_patterns(const YamlNode& source, const std::string& text, Rule& rule) {
    auto patterns = mre::read_patterns(source, text, read_);
    const bool must_begin = rule.reads == Rule::Reads::line;  // a topic may begin with a field
    const auto has_no_prefix = [](const Pattern& pattern) { return pattern.literal_prefix().empty(); };
    if (must_begin && std::ranges::any_of(patterns, has_no_prefix))
      return read_.refuse(source.at, "the pattern must begin with the broker's own words, not with a field");
    rule.alternatives.resize(rule.patterns.size() + patterns.size(), {rule.patterns.size(), patterns.size()});
    std::ranges::move(patterns, std::back_inserter(rule.patterns));
  }

  void read_cases(const YamlNode& node, Rule& rule) {
    const auto* cases = read_.find(node, "cases");
    if (cases == nullptr) {
      const auto* line = read_.find(node, "line");
      const bool has_version = line != nullptr && line->text.find("{version}") != std::string::npos;
      const bool part_of_answer = read_.find(node, "subscribe") != nullptr;
      if (!rule.always_ignored && !rule.announces && !rule.connects && !rule.ends && !rule.restarts &&
          !has_version && !part_of_answer)
        read_.refuse(node.at, "the rule has no cases: add \"cases\", or \"ignore: true\"");
      return;
    }
    if (rule.always_ignored) read_.refuse(cases->at, "a rule with \"ignore: true\" cannot have cases");
    for (const auto& item : read_.list(*cases)) {
      rule.cases.push_back(read_case(item, read_));
      if (rule.reads == Rule::Reads::line && !rule.cases.back().when.why_begins.empty())
        read_.refuse(item.at, "\"why_begins\" needs a member of an object; in a line write {why}{*}");
    }
    make_case_table(rule);
  }

  static void make_case_table(Rule& rule) {
    rule.by_text = CaseTable(rule.cases);
    const bool is_by_event = rule.by_text.field() == Field::event;
    rule.has_other_texts = std::ranges::any_of(rule.cases, [&](const Case& one) {
      const When& when = one.when;
      return !(is_by_event ? when.why : when.event).empty() || !when.why_begins.empty() ||
             !when.event_begins.empty();
    });
  }

  void read_examples(const YamlNode& node, Rule& rule) {
    for (const std::string_view key : {"examples", "counterexamples"}) {
      const auto* list = read_.find(node, key);
      if (list == nullptr) continue;
      for (const auto& example : read_.list(*list)) read_example(example, key == "counterexamples", rule);
    }
  }

  void read_example(const YamlNode& node, bool counterexample, Rule& rule) {
    if (!read_.map(node, profile_keys::kExample)) return;
    Example example;
    example.counterexample = counterexample;
    example.line = node.at.line;
    example.column = node.at.column;
    example.input = read_input(node);
    if (const auto* after = read_.find(node, "after")) {
      for (const auto* one : read_.one_or_more(*after)) example.after.push_back(read_input(*one));
    }
    if (const auto* gives = read_.find(node, "gives")) {
      example.gives_written = true;
      if (gives->kind != YamlNode::Kind::list || !gives->items.empty()) example.gives = read_.texts(*gives);
    }
    if (!counterexample && !example.gives_written && !rule.always_ignored)
      read_.refuse(node.at, "the example has no \"gives\": list its events, or write \"gives: []\" for none");
    rule.examples.push_back(std::move(example));
  }

  Example::Input read_input(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar) return {"", node.text, false};
    if (read_.find(node, "record") != nullptr) return {"", read_.text(*read_.find(node, "record")), false};
    return {read_.text(read_.need(node, "topic")), read_.text(read_.need(node, "payload")), false};
  }

  ProfileReader& read_;
};

}  // namespace

void read_rule(const YamlNode& node, ProfileReader& read, Profile& profile) {
  RuleReader(read).read_rule(node, profile);
}

}  // namespace mre
