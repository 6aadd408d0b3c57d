#include "exporter/profile/line_finder.h"

#include "exporter/profile/message_start.h"

namespace mre {

Profile::FoundPrefix Profile::find_prefix(std::string_view line, Captures& captures) const {
  const Captures begun = captures;
  for (const Prefix& prefix : prefixes) {
    for (const Pattern& pattern : prefix.patterns) {
      if (const std::size_t length = pattern.match_begin(line, captures); length > 0)
        return {&prefix, length};
      captures = begun;
    }
  }
  return {};
}

LineFinder::LineFinder(const Profile& profile, SourceKind kind) : profile_(profile) {
  for (const Rule& rule : profile.rules) {
    if ((rule.sources & bit_of(kind)) == 0) continue;
    if (rule.reads == Rule::Reads::line) add(rule);
    if (rule.reads == Rule::Reads::object) reads_objects_ = true;
  }
  std::vector<std::string_view> heads;
  std::vector<std::string_view> tails;
  for (const LinePattern& line : patterns_) {
    heads.push_back(line.pattern->head());
    tails.push_back(line.tail);
  }
  heads_ = HeadIndex(heads, tails);
  plain_ = profile.prefixes.empty() && profile.json.empty() && !reads_objects_;
}

void LineFinder::add(const Rule& rule) {
  const std::size_t first = patterns_.size();
  for (std::size_t i = 0; i < rule.patterns.size(); ++i) {
    const Pattern& pattern = rule.patterns[i];
    const bool has_why = !rule.whys.empty();
    patterns_.push_back({&rule, &pattern, pattern.head().size(), pattern.tail(), pattern.head_is_all(),
                         has_why, has_why ? std::string_view(rule.whys[i]) : std::string_view{},
                         first + rule.ways[i].first, rule.ways[i].second});
  }
}

LineFinder::Found LineFinder::find(std::string_view line, Captures& captures) {
  // The broker's words first: in a log without time stamps a client's text may look like one.
  if (profile_.prefixes.empty() && heads_.may_begin(line)) {
    if (const Rule* const rule = rule_of(line, captures)) return {rule, line};
  }
  if (!plain_) return find_behind(line, captures);
  const std::size_t before = time_stamp_length(line);
  if (before == 0) return {};  // looked up already
  const std::string_view message = line.substr(before);
  return {rule_of(message, captures), message};
}

/// The same where a prefix or an object stands around the message.
LineFinder::Found LineFinder::find_behind(std::string_view line, Captures& captures) {
  const bool is_json = !profile_.json.empty() && line.starts_with('{');
  std::string_view message = line;
  before_.clear();
  if (!is_json && profile_.prefixes.empty()) message.remove_prefix(time_stamp_length(line));
  if (!is_json && !profile_.prefixes.empty()) {
    const auto behind = message_behind_prefix(line);
    if (!behind) return {.has_prefix = false};
    message = *behind;
  }
  if (message.starts_with('{')) {
    if (reads_objects_) return {nullptr, {}, message};
    if (!profile_.json.empty()) {
      const auto inside = message_in(message, message.data() != line.data());
      if (!inside) return {};
      message = *inside;
    }
  }
  // Without a time stamp it is the line that was looked up already.
  if (profile_.prefixes.empty() && message.data() == line.data()) return {};
  const Rule* const rule = rule_of(message, captures);
  if (!before_.empty()) captures.add(before_);
  return {rule, message};
}

/// The rule of a message, and the fields of its pattern.
const Rule* LineFinder::rule_of(std::string_view message, Captures& captures) const {
  const Rule* found = nullptr;
  heads_.find(message, [&](std::uint16_t number) {
    const LinePattern& line = patterns_[number];
    if (!line.match(message, captures)) return false;
    found = line.rule;
    if (line.ways > 1) add_other_ways(number, message, captures);
    return true;
  });
  return found;
}

/// A stranger's text may begin or end like optional words: where the line fits without them, too, the fields
/// that differ are ambiguous.
void LineFinder::add_other_ways(std::size_t number, std::string_view message, Captures& captures) const {
  const LinePattern& found = patterns_[number];
  for (std::size_t i = found.first_way; i < found.first_way + found.ways; ++i) {
    Captures other;
    if (i != number && message.starts_with(patterns_[i].pattern->head()) &&
        patterns_[i].match(message, other))
      captures.add_reading(other);
  }
}

/// How much of a line is the broker's prefix; 0 if it has none of the profile's.
std::size_t LineFinder::read_prefix(std::string_view line) {
  return profile_.prefixes.empty() ? 0 : profile_.find_prefix(line, before_).length;
}

/// The message of a line, behind what its broker writes before each. Nothing if the profile says what that
/// is and it is not there: the line goes on from the one before it, with whatever text.
std::optional<std::string_view> LineFinder::message_behind_prefix(std::string_view line) {
  const std::size_t length = read_prefix(line);
  if (length == 0) return {};
  if (profile_.repeats_prefix) {
    if (line.substr(0, length) == last_prefix_) return {};
    last_prefix_ = line.substr(0, length);
  }
  return line.substr(length);
}

/// The message of a line that is a JSON object. Behind a prefix it need not be one: the broker's own words
/// may begin with a brace.
std::optional<std::string_view> LineFinder::message_in(std::string_view object, bool has_prefix) {
  Captures inside;
  for (const auto& form : profile_.json) {
    if (!members_.read(object, form, inside)) return has_prefix ? std::optional(object) : std::nullopt;
    if (!inside.has(Field::message)) continue;
    before_.add(inside);
    const std::string_view message = inside[Field::message];
    return message.substr(read_prefix(message));
  }
  return {};
}

}  // namespace mre
