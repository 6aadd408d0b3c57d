#include "exporter/profile/line_finder.h"

#include "exporter/profile/message_start.h"

namespace mre {

LineFinder::LineFinder(const Profile& profile, SourceKind kind) : profile_(profile) {
  for (const Rule& rule : profile.rules) {
    if ((rule.sources & bit_of(kind)) == 0) continue;
    if (rule.reads == Rule::Reads::line) add(rule);
    if (rule.reads == Rule::Reads::object) reads_objects_ = true;
  }
}

void LineFinder::add(const Rule& rule) {
  for (std::size_t i = 0; i < rule.patterns.size(); ++i) {
    heads_.add(rule.patterns[i].head(), static_cast<std::uint16_t>(patterns_.size()));
    patterns_.push_back({&rule, &rule.patterns[i], rule.whys.empty() ? std::string_view{} : rule.whys[i],
                         !rule.whys.empty()});
  }
}

LineFinder::Found LineFinder::find(std::string_view line, Captures& captures) {
  captures.clear();
  if (profile_.prefixes.empty()) {
    // The broker's words first: in a log without time stamps a client's text may look like one.
    if (const Rule* rule = rule_of(line, captures)) return {rule, line};
    captures.clear();
  }
  auto message = message_of(line, captures);
  if (message && message->starts_with('{')) {
    if (reads_objects_) return {nullptr, {}, *message};
    if (!profile_.json.empty()) message = message_in(*message, message->data() != line.data(), captures);
  }
  // Without a time stamp it is the line that was looked up already.
  if (!message || (profile_.prefixes.empty() && message->data() == line.data())) return {};
  return {rule_of(*message, captures), *message};
}

/// The rule of a message. Keeps the fields that were read of what stands before it.
const Rule* LineFinder::rule_of(std::string_view message, Captures& captures) const {
  const Rule* found = nullptr;
  const auto matches = [&](std::uint16_t number) {
    const LinePattern& line = patterns_[number];
    if (!line.pattern->match(message, captures)) return false;
    if (line.has_why) captures.set(Field::why, line.why);
    found = line.rule;
    return true;
  };
  if (captures.empty()) {
    heads_.find(message, [&](std::uint16_t number) {
      captures.clear();
      return matches(number);
    });
    return found;
  }
  const Captures begun = captures;
  heads_.find(message, [&](std::uint16_t number) {
    captures = begun;
    return matches(number);
  });
  return found;
}

/// How much of a line is the broker's prefix, and its fields; 0 if it has none of the profile's.
std::size_t LineFinder::read_prefix(std::string_view line, Captures& captures) const {
  if (profile_.prefixes.empty()) return 0;
  const Captures begun = captures;
  for (const Pattern& prefix : profile_.prefixes) {
    captures = begun;
    if (const std::size_t length = prefix.match_begin(line, captures); length > 0) return length;
  }
  captures = begun;
  return 0;
}

/// The message of a line, behind what its broker writes before each. Nothing if the profile says what that
/// is and it is not there: the line goes on from the one before it, with whatever text.
std::optional<std::string_view> LineFinder::message_of(std::string_view line, Captures& captures) {
  if (!profile_.json.empty() && line.starts_with('{')) return line;
  if (profile_.prefixes.empty()) return line.substr(time_stamp_length(line));
  const std::size_t length = read_prefix(line, captures);
  if (length == 0) return {};
  if (profile_.repeats_prefix) {
    if (line.substr(0, length) == last_prefix_) return {};
    last_prefix_ = line.substr(0, length);
  }
  return line.substr(length);
}

/// The message of a line that is a JSON object. Behind a prefix it need not be one: the broker's own words
/// may begin with a brace.
std::optional<std::string_view> LineFinder::message_in(std::string_view object, bool has_prefix,
                                                       Captures& captures) {
  const Captures begun = captures;
  for (const auto& form : profile_.json) {
    if (!members_.read(object, form, captures)) {
      if (!has_prefix) return {};
      captures = begun;
      return object;
    }
    if (!captures.has(Field::message)) continue;
    const std::string_view message = captures[Field::message];
    return message.substr(read_prefix(message, captures));
  }
  return {};
}

}  // namespace mre
