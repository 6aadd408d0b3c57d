// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/line_finder.h"

#include <algorithm>
#include <unordered_map>

#include "exporter/profile/match/message_start.h"

namespace mre {
namespace {

/// Whether what follows the pattern of a prefix is what its lines have there.
bool fits(const Prefix& prefix, std::string_view rest) {
  if (!prefix.has_fields) return true;
  const std::string_view key = rest.substr(0, key_length(rest));
  return prefix.first_keys.empty() ? !key.empty()
                                   : std::ranges::find(prefix.first_keys, key) != prefix.first_keys.end();
}

/// Whether the pattern fits anywhere in the line. At most so many places are tried that it stays linear: if
/// its first words are there more often, it is taken to fit.
bool is_inside(const Pattern& pattern, std::string_view line) {
  constexpr int most_places = 64;
  Captures unused;
  std::size_t at = line.find(pattern.head());
  for (int places = 0; at != std::string_view::npos; at = line.find(pattern.head(), at + 1)) {
    if (++places > most_places || pattern.match_begin(line.substr(at), unused) > 0) return true;
  }
  return false;
}

}  // namespace

Profile::FoundPrefix Profile::find_prefix(std::string_view line, Captures& captures) const {
  const Captures begun = captures;
  for (const Prefix& prefix : prefixes) {
    for (const Pattern& pattern : prefix.patterns) {
      const std::size_t length = pattern.match_begin(line, captures);
      if (length > 0 && fits(prefix, line.substr(length))) return {&prefix, length};
      if (begun.empty()) {
        captures.clear();
      } else {
        captures = begun;
      }
    }
  }
  return {};
}

bool LineFinder::match_rest(const LinePattern& line, std::string_view message, Captures& captures) {
  if (line.tail.size() > HeadIndex::kTailBytes && !message.ends_with(line.tail)) return false;
  const bool fits = line.has_two_texts ? match_texts(line, message, captures)
                                       : line.pattern->match_inside(message.substr(line.head), captures);
  if (fits && line.has_why) captures.set(Field::why, line.why);
  return fits;
}

/// With two texts. The words of the first such pattern are looked for alone: most lines need no more. Those
/// of all others are then found at once, so that a long line is not searched once for each pattern.
bool LineFinder::match_texts(const LinePattern& line, std::string_view message, Captures& captures) {
  const std::string_view rest = message.substr(line.head);
  if (++searches_ <= 2) searched_bytes_ += message.size();
  if (searches_ == 1) return line.pattern->match_inside(rest, captures);
  if (!anchors_) prepare_anchors();
  if (searches_ == 2) anchors_->scan(message);
  Pattern::AnchorPlaces places{*anchors_, anchors_->first(line.anchor), message.data()};
  const bool fits = line.pattern->match_inside(rest, captures, places);
  searched_bytes_ += places.tried * line.pattern->anchor().size();
  return fits;
}

/// Apart from the constructor: many logs have no line that needs it.
void LineFinder::prepare_anchors() {
  std::vector<std::string> anchors;
  std::unordered_map<std::string_view, std::size_t> numbers;  // hundreds of patterns may have one anchor
  for (LinePattern& line : patterns_) {
    if (!line.has_two_texts) continue;
    const auto [at, is_new] = numbers.try_emplace(line.pattern->anchor(), anchors.size());
    if (is_new) anchors.emplace_back(at->first);
    line.anchor = at->second;
  }
  anchors_.emplace(anchors);
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
  has_no_prefix_ = profile.prefixes.empty();
  plain_ = has_no_prefix_ && profile.json.empty() && !reads_objects_;
}

void LineFinder::add(const Rule& rule) {
  const std::size_t first = patterns_.size();
  for (std::size_t i = 0; i < rule.patterns.size(); ++i) {
    const Pattern& pattern = rule.patterns[i];
    const bool has_why = !rule.whys.empty();
    patterns_.push_back({&rule, &pattern, pattern.head().size(), pattern.tail(),
                         !has_why && pattern.head_is_all(), has_why,
                         has_why ? std::string_view(rule.whys[i]) : std::string_view{},
                         first + rule.ways[i].first, rule.ways[i].second, !pattern.anchor().empty(), 0});
  }
}

LineFinder::Found LineFinder::peek(std::string_view line, Captures& captures) {
  std::string before = std::move(last_prefix_);
  last_prefix_.clear();
  const Found found = find(line, captures);
  last_prefix_ = std::move(before);
  return found;
}

LineFinder::Found LineFinder::find_behind(std::string_view line, Captures& captures) {
  const bool is_json = !profile_.json.empty() && line.starts_with('{');
  std::string_view message = line;
  before_.clear();
  if (!is_json && profile_.prefixes.empty()) message.remove_prefix(time_stamp_length(line));
  if (!is_json && !profile_.prefixes.empty()) {
    const auto [prefix, length] = profile_.find_prefix(line, before_);
    if (prefix == nullptr || continues(*prefix, line, length)) return {Found::Kind::no_prefix};
    message.remove_prefix(length);
    if (prefix->has_fields) return find_in_fields(message, *prefix, captures);
  }
  if (message.starts_with('{')) {
    if (reads_objects_) return {.kind = Found::Kind::object, .message = message};
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
  return {.rule = rule, .message = message};
}

bool LineFinder::knows_inside(std::string_view line) {
  constexpr std::size_t enough_words = 12;
  constexpr int most_blanks = 16;
  Captures unused;
  std::size_t blank = line.find(' ');
  for (int i = 0; i < most_blanks && blank != std::string_view::npos; ++i) {
    const std::string_view message = line.substr(blank + 1);
    searches_ = 0;
    const std::uint32_t found = heads_.find(message, [&](std::uint16_t number) {
      const LinePattern& pattern = patterns_[number];
      return pattern.head + pattern.tail.size() >= enough_words && match(pattern, message, unused);
    });
    if (found != HeadIndex::kNone) return true;
    blank = line.find(' ', blank + 1);
  }
  return false;
}

/// The rule of a message, and the fields of its pattern.
const Rule* LineFinder::rule_of(std::string_view message, Captures& captures) {
  searches_ = 0;
  const LinePattern* const patterns = patterns_.data();  // the index has no other numbers
  const std::uint32_t number = heads_.find(message, [=, this, &captures](std::uint16_t pattern) {
    return match(patterns[pattern], message, captures);
  });
  if (number == HeadIndex::kNone) return nullptr;
  if (patterns[number].ways > 1) add_other_ways(number, message, captures);
  return patterns[number].rule;
}

/// A stranger's text may begin or end like optional words: where the line fits without them, too, the fields
/// that differ are ambiguous.
void LineFinder::add_other_ways(std::size_t number, std::string_view message, Captures& captures) {
  const LinePattern& found = patterns_[number];
  for (std::size_t i = found.first_way; i < found.first_way + found.ways; ++i) {
    Captures other;
    if (i != number && message.starts_with(patterns_[i].pattern->head()) &&
        message.ends_with(patterns_[i].tail) && match(patterns_[i], message, other))
      captures.add_reading(other);
  }
}

/// The same where the line is a list of fields: the first form of the profile's JSON whose message is there.
LineFinder::Found LineFinder::find_in_fields(std::string_view text, const Prefix& prefix,
                                             Captures& captures) {
  if (prefix.foreign && is_inside(*prefix.foreign, text)) return {Found::Kind::ambiguous};
  fields_.scan(text, prefix.first_keys);
  if (reads_objects_) return {.kind = Found::Kind::fields, .message = text};
  Captures inside;
  for (const auto& form : profile_.json) {
    const bool is_clear = fields_.read(form, inside);
    if (!inside.has(Field::message)) continue;
    if (!is_clear) return {Found::Kind::ambiguous};
    before_.add(inside);
    const std::string_view message = inside[Field::message];
    const Rule* const rule = rule_of(message, captures);
    captures.add(before_);
    return {.rule = rule, .message = message};
  }
  return {};
}

/// How much of a message in an object is the broker's prefix; 0 if it has none of the profile's.
std::size_t LineFinder::read_prefix(std::string_view message) {
  return profile_.prefixes.empty() ? 0 : profile_.find_prefix(message, before_).length;
}

/// Whether a line with this prefix continues the line before it, because the broker repeats the prefix on
/// each line of a record. A record whose first line is empty begins with the line after it: no client's text
/// is in an empty line.
bool LineFinder::continues(const Prefix& prefix, std::string_view line, std::size_t length) {
  if (!prefix.repeats) return false;
  const std::string_view text = line.substr(0, length);
  if (text == last_prefix_) return true;
  last_prefix_ = length == line.size() ? std::string_view() : text;
  return false;
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
