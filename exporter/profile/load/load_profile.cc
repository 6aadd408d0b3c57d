// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "exporter/base/fnv1a.h"
#include "exporter/base/nearest.h"
#include "exporter/base/text.h"
#include "exporter/base/yaml_bytes.h"
#include "exporter/profile/load/profile_keys.h"
#include "exporter/profile/load/profile_reader.h"
#include "exporter/profile/load/read_members.h"
#include "exporter/profile/load/read_parts.h"
#include "exporter/profile/load/read_patterns.h"
#include "exporter/profile/load/read_rule.h"
#include "exporter/profile/match/code_reader.h"
#include "exporter/profile/match/field_line.h"
#include "exporter/profile/profile.h"

// Parses YAML into a Profile. One class for each level of the file: the profile and its sources here, then
// read_rule, then read_case. Every error names its position. The last step runs the profile's examples.
namespace mre {
namespace {

constexpr std::size_t kMaxPatterns = 10'000;  // pattern numbers have 16 bits
constexpr std::size_t kMaxLevels = 16;
constexpr std::size_t kMaxProfileBytes = 1024 * 1024;  // of a profile file

class Loader {
 public:
  /// Those of an embedded profile have been left out.
  enum class Examples { required, absent };

  Loader(std::string_view file, Examples examples) : file_(file), read_(file), examples_(examples) {}

  Result<std::shared_ptr<const Profile>> load(const YamlNode& root, std::uint64_t fingerprint) {
    auto profile = std::make_shared<Profile>();
    profile->file = file_;
    profile->fingerprint = fingerprint;
    if (read_.map(root, profile_keys::kProfile)) read_profile(root, *profile);
    if (read_.error()) return tl::make_unexpected(*read_.error());
    profile->log_coverage = coverage_of(*profile, SourceKind::log);
    profile->mqtt_coverage = coverage_of(*profile, SourceKind::mqtt);
    return profile;
  }

 private:
  void read_profile(const YamlNode& root, Profile& profile) {
    profile.name = read_.text(read_.need(root, "profile"));
    profile.title = read_.text(read_.need(root, "title"));
    profile.versions = read_.text(read_.need(root, "versions"));
    if (const auto* checked = read_.find(root, "checked")) {
      for (const auto* one : read_.one_or_more(*checked)) profile.checked.push_back(read_releases(*one));
    }
    if (const auto* text = read_.find(root, "unknown_client")) profile.unknown_client = read_.text(*text);
    if (const auto* texts = read_.find(root, "placeholders")) profile.placeholders = read_.texts(*texts);
    if (const auto* parts = read_.find(root, "parts")) profile.parts = read_parts(*parts, read_);
    if (const auto* window = read_.find(root, "echo_window"))
      profile.echo_window = read_.number(*window, 1000);
    if (const auto* prefix = read_.find(root, "prefix")) {
      for (const auto* one : read_.one_or_more(*prefix)) read_prefix(*one, profile);
    }
    if (const auto* json = read_.find(root, "json")) {
      for (const auto* form : read_.one_or_more(*json)) {
        auto members = read_members(*form, read_, profile.member_names);
        profile.json_subject.push_back(take_subject(members));
        profile.json.push_back(std::move(members));
      }
    }
    const YamlNode& sources = read_.need(root, "sources");
    if (read_.map(sources, profile_keys::kSources)) {
      if (const auto* log = read_.find(sources, "log")) read_source(*log, profile.log);
      if (const auto* mqtt = read_.find(sources, "mqtt")) read_source(*mqtt, profile.mqtt);
    }
    if (profile.mqtt.supported && profile.mqtt.topics.empty())
      read_.refuse(sources.at,
                   "the source \"mqtt\" needs the key \"topics\": the topic filters to subscribe to");
    if (const auto* protocols = read_.find(root, "protocols")) {
      for (const auto& member : read_.members(*protocols))
        profile.protocols.push_back(read_protocol(member.key, member.value));
    }
    const YamlNode& rules = read_.need(root, "rules");
    if (rules.kind != YamlNode::Kind::list || rules.items.empty())
      read_.refuse(rules.at, "expected a list of rules");
    std::size_t patterns = 0;
    for (const auto& rule : rules.items) {
      if (read_.error()) return;
      read_rule(rule, read_, profile);
      patterns += profile.rules.empty() ? 0 : profile.rules.back().patterns.size();
      if (patterns > kMaxPatterns)
        read_.refuse(rule.at,
                     "the profile has more than 10000 patterns: split it, or use fewer optional words");
    }
    for (std::size_t i = 0; i < profile.rules.size(); ++i)
      find_followed(profile.rules[i], rules.items[i].at, profile);
    const bool plain = profile.prefixes.empty() && profile.json.empty();  // no fields are around the message
    for (Rule& rule : profile.rules) {
      rule.noted = rule.until || rule.restarts || rule.followed;
      rule.code_only = plain && is_code_only(rule);
      if (rule.code_only) compile_cases(rule);
    }
  }

  static bool is_code_only(const Rule& rule) {
    const auto reads = [&](Field field) { return rule.reads_field(field); };
    const auto is_simple = [](const Case& one) {
      const bool is_code = one.emission.kind == Emission::Kind::code && one.emission.bytes.empty();
      return !one.when.more && !one.when.has_text_conditions() && !one.connects &&
             (is_code || one.emission.kind == Emission::Kind::nothing);
    };
    return rule.reads == Rule::Reads::line && rule.subscribe == SubscribeLine::none && !rule.noted &&
           rule.echo == kNoEcho && !rule.connects && !rule.announces && !rule.answers && !rule.ends &&
           !reads(Field::peer) && !reads(Field::protocol) && !reads(Field::codes) && !reads(Field::version) &&
           !reads(Field::identity) && !rule.cases.empty() && rule.cases.size() < Rule::kNoCase &&
           std::ranges::all_of(rule.cases, is_simple);
  }

  static void compile_cases(Rule& rule) {
    for (std::size_t protocol = 0; protocol < mqtt::kProtocols; ++protocol) {
      for (std::size_t state = 0; state < kClientStates; ++state) {
        const auto holds = [&](const Case& one) {
          return (one.when.protocols == 0 || (one.when.protocols >> protocol & 1U) != 0) &&
                 (one.when.clients == 0 || (one.when.clients >> state & 1U) != 0);
        };
        const auto first = std::ranges::find_if(rule.cases, holds);
        rule.case_of[protocol][state] =
            first == rule.cases.end() ? Rule::kNoCase : static_cast<std::uint8_t>(first - rule.cases.begin());
      }
    }
  }

  /// The records of a rule that "follows" names are remembered, even if they emit no event.
  void find_followed(const Rule& rule, Position at, Profile& profile) {
    for (const Case& one : rule.cases) {
      for (const std::string& id : one.when.follows) {
        const auto followed = std::ranges::find(profile.rules, id, &Rule::id);
        if (followed == profile.rules.end())
          return read_.refuse(at, "\"follows\" names an unknown rule \"" + id + "\"");
        followed->followed = true;
        followed->always_ignored = false;
      }
    }
  }

  /// "2.1", or "1.4..2.1" with both ends included.
  Releases read_releases(const YamlNode& node) {
    const std::string text = read_.text(node);
    const std::size_t dots = std::min(text.find(".."), text.size());
    const std::string last = dots == text.size() ? text : text.substr(dots + 2);
    const auto from = version_from(text.substr(0, dots));
    const auto until = version_from(last);
    if (!from || !until || *until < *from) {
      read_.refuse(node.at, "expected releases like \"1.4..2.1\", or one like \"2.1\"");
      return {};
    }
    return {*from, *until, static_cast<std::size_t>(std::ranges::count(last, '.')) + 1};
  }

  ProtocolSpelling read_protocol(const std::string& text, const YamlNode& node) {
    constexpr std::string_view known = "3.1 3.1.1 5.0 unknown";
    if (node.kind != YamlNode::Kind::map) return {text, read_.word(node, mqtt::protocol_from, known), {}};
    if (!read_.map(node, profile_keys::kProtocol)) return {};
    return {text, read_.word(read_.need(node, "is"), mqtt::protocol_from, known),
            read_.word(read_.need(node, "since"), version_from, "a version like 2.1")};
  }

  /// A text, or a map that also names the releases that write it and has example lines.
  void read_prefix(const YamlNode& node, Profile& profile) {
    const bool is_map = node.kind == YamlNode::Kind::map;
    if (is_map && !read_.map(node, profile_keys::kPrefix)) return;
    const YamlNode& line = is_map ? read_.need(node, "line") : node;
    Prefix& prefix = profile.prefixes.emplace_back();
    prefix.patterns = read_patterns(line, read_.text(line), read_);
    if (std::ranges::any_of(prefix.patterns, &Pattern::has_text))
      return read_.refuse(line.at,
                          "a prefix is the broker's own text: remove {*}, {client}, {filter} and {codes}");
    read_shared(line, profile);
    if (!is_map) return;
    prefix.releases = read_.text(read_.need(node, "releases"));
    if (const auto* fields = read_.find(node, "fields")) read_first_keys(*fields, prefix);
    if (const auto* foreign = read_.find(node, "foreign")) read_foreign(*foreign, prefix);
    prefix.repeats = read_.flag(read_.find(node, "repeats"));
    if (examples_ == Examples::required) read_lines(read_.need(node, "examples"), false, prefix);
    if (const auto* lines = read_.find(node, "counterexamples")) read_lines(*lines, true, prefix);
  }

  /// Compares the patterns of the last prefix with those that are tried before them.
  void read_shared(const YamlNode& line, Profile& profile) {
    std::span<const Pattern::Element> before;
    Prefix& prefix = profile.prefixes.back();
    if (&prefix != &profile.prefixes.front() && !(&prefix)[-1].patterns.empty())
      before = (&prefix)[-1].patterns.back().elements();
    for (const Pattern& pattern : prefix.patterns) {
      const auto elements = pattern.elements();
      if (elements.size() > Prefix::kMaxElements)
        return read_.refuse(line.at,
                            "a prefix with more than 32 fields and words between them is not supported");
      prefix.shared.push_back(
          static_cast<std::size_t>(std::ranges::mismatch(elements, before).in1 - elements.begin()));
      before = elements;
    }
  }

  void read_foreign(const YamlNode& node, Prefix& prefix) {
    auto pattern = Pattern::compile(read_.text(node));
    if (!pattern) return read_.refuse(node.at, pattern.error().what);
    if (!prefix.has_fields || pattern->literal_prefix().empty() || pattern->has_text())
      return read_.refuse(
          node.at,
          "\"foreign\" needs a prefix with \"fields\", and must begin with the broker's words, without {*}");
    prefix.foreign = std::move(*pattern);
  }

  /// `true`, or the keys of the first field.
  void read_first_keys(const YamlNode& node, Prefix& prefix) {
    if (node.kind == YamlNode::Kind::list) prefix.first_keys = read_.texts(node);
    prefix.has_fields = !prefix.first_keys.empty() || read_.flag(&node);
    for (const std::string& key : prefix.first_keys) {
      if (key_length(key + ": ") != key.size())
        read_.refuse(node.at,
                     "\"" + printable(key) +
                         "\" is not a valid key: use a lower-case letter, then letters, digits, _ and @");
    }
  }

  void read_lines(const YamlNode& node, bool counterexample, Prefix& prefix) {
    for (const auto* line : read_.one_or_more(node)) {
      Example& example = prefix.examples.emplace_back();
      example.input.payload = read_.text(*line);
      example.counterexample = counterexample;
      example.line = line->at.line;
      example.column = line->at.column;
    }
  }

  void read_source(const YamlNode& node, ProfileSource& source) {
    if (!read_.map(node, profile_keys::kSource)) return;
    source.supported = true;
    source.setting = read_.text(read_.need(node, "setting"));
    if (const auto* levels = read_.find(node, "levels")) read_levels(*levels, source);
    if (const auto* topics = read_.find(node, "topics")) source.topics = read_.texts(*topics);
    if (const auto* cut_at = read_.find(node, "cut_at")) source.cut_at = read_.number(*cut_at, 1U << 20U);
    if (const auto* cut_at = read_.find(node, "cut_message_at")) {
      source.cut_message_at = read_.number(*cut_at, 1U << 20U);
      source.cut_message_until =
          read_.word(read_.need(node, "cut_message_until"), version_from, "a version like 2.1");
    }
  }

  void read_levels(const YamlNode& node, ProfileSource& source) {
    if (node.kind != YamlNode::Kind::map || node.members.empty())
      return read_.refuse(node.at,
                          "expected lines `name: broker setting`, from the least to the most detailed level");
    if (node.members.size() > kMaxLevels) read_.refuse(node.at, "more than 16 levels are not supported");
    for (const auto& member : node.members) source.levels.push_back({member.key, read_.text(member.value)});
  }

  std::string_view file_;
  ProfileReader read_;
  const Examples examples_;
};

}  // namespace

Result<std::shared_ptr<const Profile>> load_embedded_profile(const EmbeddedProfile& profile) {
  ByteReader in(profile.tree);
  return Loader(profile.file, Loader::Examples::absent).load(read_yaml(in), profile.fingerprint);
}

Result<std::shared_ptr<const Profile>> load_profile(std::string_view yaml, std::string_view file) {
  auto tree = parse_yaml(yaml, file, Aliases::repeated);
  if (!tree) return tl::make_unexpected(tree.error());
  auto profile = Loader(file, Loader::Examples::required).load(*tree, fnv1a(yaml));
  if (!profile) return profile;
  if (auto checked = check_examples(*profile); !checked) return tl::make_unexpected(checked.error());
  return profile;
}

Result<std::shared_ptr<const Profile>> load_profile_file(const std::string& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string yaml(kMaxProfileBytes + 1, '\0');  // one byte above the limit, so that the parser refuses it
  stream.read(yaml.data(), static_cast<std::streamsize>(yaml.size()));
  if (!stream.is_open() || stream.bad()) {
    return fail(Errc::invalid_config, printable(file, 4096) + ": cannot read the profile: " +
                                          std::generic_category().message(errno) +
                                          "; correct the path or its permissions");
  }
  yaml.resize(static_cast<std::size_t>(stream.gcount()));
  return load_profile(yaml, file);
}

Result<std::shared_ptr<const Profile>> find_profile(std::string_view name,
                                                    std::span<const std::string> files) {
  std::shared_ptr<const Profile> found;
  std::vector<std::string> names;
  for (const auto& file : files) {
    auto profile = load_profile_file(file);
    if (!profile) return profile;
    names.push_back((*profile)->name);
    if ((*profile)->name == name) found = std::move(*profile);
  }
  if (found != nullptr) return found;
  for (const EmbeddedProfile& profile : embedded_profiles()) {
    if (profile.name() == name) return load_embedded_profile(profile);
    names.emplace_back(profile.name());
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  return fail(Errc::invalid_config,
              "unknown profile \"" + printable(name) + "\": " + suggestion(name, known));
}

}  // namespace mre
