#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "exporter/base/text.h"
#include "exporter/profile/profile.h"
#include "exporter/profile/profile_reader.h"

// From YAML to Profile. One function for each level of the file: profile, source, rule, case, example.
// Everything that can be wrong is refused with its place; the last step runs the profile's own examples.
namespace mre {
namespace {

constexpr std::string_view kPackets = "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH";

std::optional<ClientState> client_state_from(std::string_view text) {
  if (text == "connected") return ClientState::connected;
  if (text == "ended") return ClientState::ended;
  if (text == "unknown") return ClientState::unknown;
  return {};
}

std::optional<CodeSpelling> spelling_from(std::string_view text) {
  if (text == "dec") return CodeSpelling::dec;
  if (text == "hex") return CodeSpelling::hex;
  if (text == "name") return CodeSpelling::name;
  return {};
}

std::optional<SourceKind> source_from(std::string_view text) {
  if (text == "log") return SourceKind::log;
  if (text == "mqtt") return SourceKind::mqtt;
  return {};
}

std::optional<Evidence> evidence_from(std::string_view text) {
  if (text == "explicit") return Evidence::code_in_record;
  if (text == "inferred") return Evidence::inferred;
  return {};
}

std::optional<Field> field_from(std::string_view text) {
  for (std::size_t i = 0; i < kFields; ++i) {
    if (to_string(static_cast<Field>(i)) == text) return static_cast<Field>(i);
  }
  return {};
}

class Loader {
 public:
  explicit Loader(std::string_view file) : file_(file), read_(file) {}

  Result<std::shared_ptr<const Profile>> load(const YamlNode& root) {
    const auto profile = std::make_shared<Profile>();
    profile->file = file_;
    if (read_.map(root, {"profile", "title", "versions", "sources", "protocols", "echo_window", "rules"}))
      read_profile(root, *profile);
    if (read_.error()) return tl::make_unexpected(*read_.error());
    profile->log_coverage = coverage_of(profile->rules, SourceKind::log);
    profile->mqtt_coverage = coverage_of(profile->rules, SourceKind::mqtt);
    return profile;
  }

 private:
  const YamlNode& need(const YamlNode& map, std::string_view key) {
    static const YamlNode kNothing;
    const YamlNode* node = read_.find(map, key);
    if (node == nullptr) read_.refuse(map.at, "the key \"" + std::string(key) + "\" is missing");
    return node == nullptr ? kNothing : *node;
  }

  void read_profile(const YamlNode& root, Profile& profile) {
    profile.name = read_.text(need(root, "profile"));
    profile.title = read_.text(need(root, "title"));
    profile.versions = read_.text(need(root, "versions"));
    if (const auto* window = read_.find(root, "echo_window"))
      profile.echo_window = read_.number(*window, 1000);
    const YamlNode& sources = need(root, "sources");
    if (read_.map(sources, {"log", "mqtt"})) {
      if (const auto* log = read_.find(sources, "log")) read_source(*log, profile.log);
      if (const auto* mqtt = read_.find(sources, "mqtt")) read_source(*mqtt, profile.mqtt);
    }
    if (profile.mqtt.supported && profile.mqtt.topics.empty())
      read_.refuse(sources.at, "the source mqtt needs \"topics\": the filters to subscribe to");
    if (const auto* protocols = read_.find(root, "protocols");
        protocols != nullptr && protocols->kind == YamlNode::Kind::map) {
      for (const auto& member : protocols->members)
        profile.protocols.emplace_back(
            member.key, read_.word(member.value, mqtt::protocol_from, "3.1 3.1.1 5.0 unknown"));
    }
    const YamlNode& rules = need(root, "rules");
    if (rules.kind != YamlNode::Kind::list || rules.items.empty())
      read_.refuse(rules.at, "expected a list of rules");
    for (const auto& rule : rules.items) {
      if (read_.error()) return;
      read_rule(rule, profile);
    }
  }

  void read_source(const YamlNode& node, ProfileSource& source) {
    if (!read_.map(node, {"setting", "topics", "cut_at"})) return;
    source.supported = true;
    source.setting = read_.text(need(node, "setting"));
    if (const auto* topics = read_.find(node, "topics")) source.topics = read_.texts(*topics);
    if (const auto* cut_at = read_.find(node, "cut_at")) source.cut_at = read_.number(*cut_at, 1U << 20U);
  }

  void read_rule(const YamlNode& node, Profile& profile) {
    if (!read_.map(node, {"id", "why", "seen_in", "line", "topic", "members", "sources", "code", "echo",
                          "waits", "connects", "ends", "ignore", "cases", "examples", "counterexamples"}))
      return;
    Rule rule;
    rule.line = node.at.line;
    rule.column = node.at.column;
    rule.id = read_.text(need(node, "id"));
    for (const Rule& other : profile.rules) {
      if (other.id == rule.id)
        read_.refuse(node.at,
                     "the id \"" + rule.id + "\" is taken by the rule in line " + std::to_string(other.line));
    }
    rule.is_line = read_.find(node, "line") != nullptr;
    if (rule.is_line == (read_.find(node, "topic") != nullptr)) {
      read_.refuse(node.at, "a rule reads either a \"line\" or the JSON on a \"topic\"");
      return;
    }
    read_sources(node, profile, rule);
    rule.connects = read_.flag(read_.find(node, "connects"));
    rule.ends = read_.flag(read_.find(node, "ends"));
    rule.waits = read_.flag(read_.find(node, "waits"));
    rule.ignored_whatever = read_.flag(read_.find(node, "ignore"));
    if (const auto* echo = read_.find(node, "echo")) rule.echo = echo_group(read_.text(*echo), profile);
    if (rule.waits && rule.echo == kNoEcho) read_.refuse(node.at, "\"waits\" needs an \"echo\" group");
    read_cases(node, rule);
    read_patterns(node, rule);
    if (read_.error()) return;
    for (const std::string_view key : {"examples", "counterexamples"}) {
      const auto* list = read_.find(node, key);
      if (list == nullptr) continue;
      for (const auto& example : list->items) read_example(example, key == "counterexamples", rule);
    }
    if (std::ranges::none_of(rule.examples, [](const Example& e) { return !e.counterexample; }))
      read_.refuse(node.at, "the rule has no examples: a rule without one proves nothing");
    profile.rules.push_back(std::move(rule));
  }

  void read_sources(const YamlNode& node, const Profile& profile, Rule& rule) {
    const auto* sources = read_.find(node, "sources");
    if (sources == nullptr) {
      rule.sources = bit_of(rule.is_line ? SourceKind::log : SourceKind::mqtt);
    } else {
      for (const auto* one : read_.one_or_more(*sources))
        rule.sources |= bit_of(read_.word(*one, source_from, "log mqtt"));
    }
    for (const SourceKind kind : {SourceKind::log, SourceKind::mqtt}) {
      if ((rule.sources & bit_of(kind)) != 0 && !profile.source(kind).supported)
        read_.refuse(node.at, "the rule is for the source " + std::string(to_string(kind)) +
                                  ", which \"sources\" does not describe");
    }
  }

  static std::uint8_t echo_group(const std::string& name, Profile& profile) {
    auto& groups = profile.echo_groups;
    const auto found = std::ranges::find(groups, name);
    const auto number = static_cast<std::uint8_t>(found - groups.begin());
    if (found == groups.end()) groups.push_back(name);
    return number;
  }

  // A line with {why} becomes one pattern for each {why} that a case names: the broker's own words, compared
  // as such.
  void read_patterns(const YamlNode& node, Rule& rule) {
    const YamlNode& source = need(node, rule.is_line ? "line" : "topic");
    if (source.kind == YamlNode::Kind::list && rule.ignored_whatever) {
      for (const auto& one : source.items) add_pattern(one, read_.text(one), rule);
      return;
    }
    const std::string text = read_.text(source);
    const std::size_t why = rule.is_line ? text.find("{why}") : std::string::npos;
    if (why == std::string::npos) {
      add_pattern(source, text, rule);
    } else {
      for (const Case& one : rule.cases) {
        if (one.when.why.empty())
          read_.refuse(source.at, "the line has {why}: each case must say when: {why: …}");
        for (const auto& words : one.when.why) {
          if (std::ranges::find(rule.whys, words) != rule.whys.end()) continue;
          rule.whys.push_back(words);
          add_pattern(source, std::string(text).replace(why, 5, words), rule);
        }
      }
    }
    if (read_.error()) return;
    if (const auto* members = read_.find(node, "members"); members != nullptr) {
      if (members->kind != YamlNode::Kind::map)
        read_.refuse(members->at, "expected field: member lines here");
      for (const auto& member : members->members) {
        const auto field = field_from(member.key);
        if (!field)
          read_.refuse(member.at, "unknown field \"" + printable(member.key) +
                                      "\"; known are client peer protocol code version why event");
        rule.members.emplace_back(field.value_or(Field::client), read_.text(member.value));
      }
    }
    rule.reads_code = rule.patterns.front().has(Field::code) ||
                      std::ranges::any_of(rule.members, [](const auto& m) { return m.first == Field::code; });
    const auto* code = read_.find(node, "code");
    if (rule.reads_code != (code != nullptr)) {
      read_.refuse(node.at, rule.reads_code
                                ? "the rule reads {code}: say how it is written, \"code: dec\", hex or name"
                                : "\"code\" says how {code} is written, but the rule reads no {code}");
    }
    if (code != nullptr) rule.spelling = read_.word(*code, spelling_from, "dec hex name");
  }

  void add_pattern(const YamlNode& source, const std::string& text, Rule& rule) {
    auto pattern = Pattern::compile(text);
    if (!pattern) {
      read_.refuse(source.at, pattern.error().what);
    } else if (rule.is_line && pattern->head().empty()) {  // a topic may be any: the members tell
      read_.refuse(source.at, "the pattern must begin with the broker's own words");
    } else {
      rule.patterns.push_back(std::move(*pattern));
    }
  }

  void read_cases(const YamlNode& node, Rule& rule) {
    const auto* cases = read_.find(node, "cases");
    if (cases == nullptr) {
      if (!rule.ignored_whatever && !rule.connects && !rule.ends && read_.find(node, "ignore") == nullptr &&
          read_.text(need(node, "line")).find("{version}") == std::string::npos)
        read_.refuse(node.at, "the rule has no cases: say what it tells, or \"ignore: true\"");
      return;
    }
    if (rule.ignored_whatever) read_.refuse(cases->at, "a rule that is ignored has no cases");
    for (const auto& item : cases->items) {
      if (!read_.map(item, {"when", "packet", "direction", "protocol", "code", "evidence", "bytes", "close",
                            "by", "ignore"}))
        return;
      Case one;
      if (const auto* when = read_.find(item, "when")) read_when(*when, one.when);
      read_tell(item, one.tell);
      rule.cases.push_back(std::move(one));
    }
  }

  void read_when(const YamlNode& node, When& when) {
    if (!read_.map(node, {"why", "event", "protocol", "client", "code", "version"})) return;
    if (const auto* why = read_.find(node, "why")) when.why = read_.texts(*why);
    if (const auto* event = read_.find(node, "event")) when.event = read_.texts(*event);
    if (const auto* protocols = read_.find(node, "protocol")) {
      for (const auto* one : read_.one_or_more(*protocols))
        when.protocols |= bit_of(read_.word(*one, mqtt::protocol_from, "3.1 3.1.1 5.0 unknown"));
    }
    if (const auto* clients = read_.find(node, "client")) {
      for (const auto* one : read_.one_or_more(*clients))
        when.clients |= bit_of(read_.word(*one, client_state_from, "connected ended unknown"));
    }
    if (const auto* codes = read_.find(node, "code")) {
      for (const auto* one : read_.one_or_more(*codes)) when.codes.push_back(read_range(*one));
    }
    if (const auto* version = read_.find(node, "version")) when.from_version = read_version(*version);
  }

  std::pair<std::uint8_t, std::uint8_t> read_range(const YamlNode& node) {
    const std::size_t dots = node.text.find("..");
    YamlNode low = node;
    YamlNode high = node;
    if (dots != std::string::npos) low.text.resize(dots), high.text.erase(0, dots + 2);
    return {static_cast<std::uint8_t>(read_.number(low, 255)),
            static_cast<std::uint8_t>(read_.number(high, 255))};
  }

  Version read_version(const YamlNode& node) {
    Version version;
    int parts = 0;
    if (std::sscanf(node.text.c_str(), ">=%hu.%hu.%hu", &version.parts[0], &version.parts[1],
                    &version.parts[2]) < 2)
      parts = -1;
    if (parts < 0) read_.refuse(node.at, "expected a version like \">=2.0.15\"");
    return version;
  }

  void read_tell(const YamlNode& node, Tell& tell) {
    const auto* packet = read_.find(node, "packet");
    const auto* close = read_.find(node, "close");
    const bool ignore = read_.flag(read_.find(node, "ignore"));
    if ((packet != nullptr) + (close != nullptr) + ignore != 1) {
      read_.refuse(node.at,
                   "a case tells one thing: \"packet\" (a reason code), \"close\" (an end without one) or "
                   "\"ignore: true\"");
      return;
    }
    if (const auto* protocol = read_.find(node, "protocol"))
      tell.protocol = read_.word(*protocol, mqtt::protocol_from, "3.1 3.1.1 5.0 unknown");
    if (close != nullptr) {
      tell.kind = Tell::Kind::close;
      tell.close =
          read_.word(*close, mqtt::close_reason_from,
                     "the labels of MQTT 5.0 errors, connection_closed, tls_error, … (see close_reason.cc)");
      tell.initiator = read_.word(need(node, "by"), mqtt::initiator_from, "broker client network unknown");
    }
    if (packet == nullptr) return;
    tell.kind = Tell::Kind::code;
    tell.packet = read_.word(*packet, mqtt::packet_from, kPackets);
    tell.direction = read_.word(need(node, "direction"), mqtt::direction_from, "sent received unknown");
    if (const auto* code = read_.find(node, "code"))
      tell.code = static_cast<std::uint8_t>(read_.number(*code, 255));
    if (const auto* evidence = read_.find(node, "evidence"))
      tell.evidence = read_.word(*evidence, evidence_from, "explicit inferred");
    if (const auto* bytes = read_.find(node, "bytes"); bytes != nullptr) {
      for (const auto& member : bytes->members) {
        YamlNode key;
        key.kind = YamlNode::Kind::scalar;
        key.at = member.at;
        key.text = member.key;
        tell.bytes.emplace_back(static_cast<std::uint8_t>(read_.number(key, 255)),
                                static_cast<std::uint8_t>(read_.number(member.value, 255)));
      }
    }
  }

  void read_example(const YamlNode& node, bool counterexample, Rule& rule) {
    if (!read_.map(node, {"why", "after", "record", "topic", "payload", "gives"})) return;
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
    if (!counterexample && !example.gives_written && !rule.ignored_whatever)
      read_.refuse(node.at,
                   "the example does not say what it gives: \"gives: […]\", or \"gives: []\" for nothing");
    rule.examples.push_back(std::move(example));
  }

  Example::Input read_input(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar) return {"", node.text, false};
    if (read_.find(node, "record") != nullptr) return {"", read_.text(*read_.find(node, "record")), false};
    return {read_.text(need(node, "topic")), read_.text(need(node, "payload")), false};
  }

  std::string_view file_;
  ProfileReader read_;
};

}  // namespace

Result<std::shared_ptr<const Profile>> load_profile(std::string_view yaml, std::string_view file) {
  auto tree = parse_yaml(yaml, file);
  if (!tree) return tl::make_unexpected(tree.error());
  auto profile = Loader(file).load(*tree);
  if (!profile) return profile;
  if (auto checked = check_examples(*profile); !checked) return tl::make_unexpected(checked.error());
  return profile;
}

namespace {

Result<std::shared_ptr<const Profile>> load_profile_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string yaml{std::istreambuf_iterator<char>(stream), {}};
  if (!stream)
    return fail(Errc::invalid_config, printable(file, 4096) + ": cannot be read: " + std::strerror(errno) +
                                          "; check the path of the profile");
  return load_profile(yaml, file);
}

}  // namespace

Result<std::shared_ptr<const Profile>> find_profile(std::string_view name,
                                                    std::span<const std::string> files) {
  std::shared_ptr<const Profile> found;
  std::string known;
  for (const auto& file : files) {
    auto profile = load_profile_file(file);
    if (!profile) return profile;
    known += " " + (*profile)->name;
    if ((*profile)->name == name) found = std::move(*profile);
  }
  if (found != nullptr) return found;
  for (const auto& [file, yaml] : embedded_profiles()) {
    if (file.substr(0, file.find('.')) == name) return load_profile(yaml, file);
    known += " " + std::string(file.substr(0, file.find('.')));
  }
  return fail(Errc::invalid_config, "there is no profile \"" + printable(name) + "\"; known are:" + known);
}

}  // namespace mre
