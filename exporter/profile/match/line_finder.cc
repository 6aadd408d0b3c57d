// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/line_finder.h"

#include <algorithm>
#include <unordered_map>

#include "exporter/base/text.h"
#include "exporter/profile/match/message_start.h"

namespace mre {
namespace {

/// Whether the pattern occurs anywhere in the line. To stay linear, at most max_positions are tried: if its
/// literal prefix occurs more often, the answer is true.
bool is_inside(const Pattern& pattern, std::string_view line) {
  constexpr int max_positions = 64;
  Captures unused;
  std::size_t at = line.find(pattern.literal_prefix());
  for (int positions = 0; at != std::string_view::npos; at = line.find(pattern.literal_prefix(), at + 1)) {
    if (++positions > max_positions || pattern.match_begin(line.substr(at), unused) > 0) return true;
  }
  return false;
}

}  // namespace

bool LineFinder::match_rest(const LinePattern& line, std::string_view message, Captures& captures) {
  if (line.suffix.size() > PrefixIndex::kSuffixBytes && !message.ends_with(line.suffix)) return false;
  const bool fits = line.has_two_texts
                        ? match_texts(line, message, captures)
                        : line.pattern->match_inside(message.substr(line.prefix_bytes), captures);
  if (fits && line.has_why) captures.set(Field::why, line.why);
  return fits;
}

/// For patterns with two texts. The anchors of the first few such patterns are searched one by one, which suffices
/// for most lines: 60 instructions each in a short message. The anchors of all others are then found in one pass
/// (650), so that a long line is searched at most twice, however many patterns there are.
bool LineFinder::match_texts(const LinePattern& line, std::string_view message, Captures& captures) {
  constexpr std::size_t short_bytes = 256;
  const int alone = message.size() < short_bytes ? 4 : 1;
  const std::string_view rest = message.substr(line.prefix_bytes);
  if (++searches_ <= alone + 1) searched_bytes_ += message.size();
  if (searches_ <= alone) return line.pattern->match_inside(rest, captures);
  if (!anchors_) prepare_anchors();
  if (searches_ == alone + 1) anchors_->scan(message);
  Pattern::AnchorPositions positions{*anchors_, anchors_->first(line.anchor), message.data()};
  const bool fits = line.pattern->match_inside(rest, captures, &positions);
  searched_bytes_ += positions.tried * line.pattern->anchor().size();
  return fits;
}

/// Not in the constructor, because many logs have no line that needs it.
void LineFinder::prepare_anchors() {
  std::vector<std::string> anchors;
  std::unordered_map<std::string_view, std::size_t> numbers;  // hundreds of patterns may share an anchor
  for (LinePattern& line : patterns_) {
    if (!line.has_two_texts) continue;
    const auto [at, is_new] = numbers.try_emplace(line.pattern->anchor(), anchors.size());
    if (is_new) anchors.emplace_back(at->first);
    line.anchor = at->second;
  }
  anchors_.emplace(anchors);
}

LineFinder::LineFinder(const Profile& profile, SourceKind kind)
    : profile_(profile), members_(profile.member_names) {
  for (const Rule& rule : profile.rules) {
    if ((rule.sources & bit_of(kind)) == 0) continue;
    if (rule.reads == Rule::Reads::line) add(rule, kind);
    if (rule.reads == Rule::Reads::object) reads_objects_ = true;
  }
  std::vector<PrefixIndex::Row> rows;
  for (const LinePattern& line : patterns_) rows.push_back({line.pattern->literal_prefix(), line.suffix});
  index_ = PrefixIndex(rows);
  has_no_prefix_ = profile.prefixes.empty();
  plain_ = has_no_prefix_ && profile.json.empty() && !reads_objects_;
  is_after_time_stamp_ =
      plain_ && std::ranges::none_of(rows, [](const PrefixIndex::Row& row) {
        return may_begin_time_stamp(row.prefix) || row.prefix.find('\n') != row.prefix.npos;
      });
}

void LineFinder::add(const Rule& rule, SourceKind kind) {
  const std::size_t first = patterns_.size();
  for (std::size_t i = 0; i < rule.patterns.size(); ++i) {
    const Pattern& pattern = rule.patterns[i];
    const bool has_why = !rule.whys.empty();
    const bool by_prefix = !has_why && pattern.matches_by_prefix();
    const bool is_whole = !has_why && pattern.elements().size() == 1 && !pattern.literal_prefix().empty();
    const bool is_simple = !has_why && pattern.is_text_after_prefix() &&
                           pattern.literal_suffix().size() <= PrefixIndex::kSuffixBytes;
    patterns_.push_back({&rule, &pattern, pattern.literal_prefix().size(), pattern.literal_suffix(),
                         by_prefix, is_simple, (by_prefix || is_whole) && rule.always_ignored, is_whole,
                         rule.level[static_cast<std::size_t>(kind)], is_simple && rule.code_only, has_why,
                         has_why ? std::string_view(rule.whys[i]) : std::string_view{}, 0, 0,
                         !pattern.anchor().empty(), 0});
  }
  find_alternatives(rule, first);
}

/// For the patterns of the rule, the first of which has this index.
void LineFinder::find_alternatives(const Rule& rule, std::size_t first) {
  const auto may_match_both = [](const Pattern& a, const Pattern& b) {
    return (a.literal_prefix().starts_with(b.literal_prefix()) ||
            b.literal_prefix().starts_with(a.literal_prefix())) &&
           (a.literal_suffix().ends_with(b.literal_suffix()) ||
            b.literal_suffix().ends_with(a.literal_suffix()));
  };
  for (std::size_t i = 0; i < rule.patterns.size(); ++i) {
    LinePattern& line = patterns_[first + i];
    line.first_alternative = alternatives_.size();
    const auto [begin, count] = rule.alternatives[i];
    for (std::size_t other = begin; other < begin + count; ++other) {
      if (other != i && may_match_both(rule.patterns[i], rule.patterns[other]))
        alternatives_.push_back(static_cast<std::uint16_t>(first + other));
    }
    line.alternatives = alternatives_.size() - line.first_alternative;
    line.is_code = line.is_code && line.alternatives == 0;
  }
}

LineFinder::Found LineFinder::peek(std::string_view line, Captures& captures) {
  std::string before = std::move(last_prefix_);
  last_prefix_.clear();
  const Found found = find(line, captures);
  last_prefix_ = std::move(before);
  return found;
}

LineFinder::Found LineFinder::find_after_prefix(std::string_view line, Captures& captures) {
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
  // Without a time stamp the whole line was tried already.
  if (profile_.prefixes.empty() && message.data() == line.data()) return {};
  const Rule* const rule = rule_of(message, captures);
  if (!before_.empty()) captures.add(before_);
  return {.rule = rule, .message = message};
}

bool LineFinder::knows_inside(std::string_view line) {
  constexpr std::size_t min_literal_bytes = 12;
  constexpr int max_blanks = 16;
  Captures unused;
  std::size_t blank = line.find(' ');
  for (int i = 0; i < max_blanks && blank != std::string_view::npos; ++i) {
    const std::string_view message = line.substr(blank + 1);
    searches_ = 0;
    const std::uint32_t found = index_.find(message, [&](std::uint16_t number) {
      const LinePattern& pattern = patterns_[number];
      return pattern.prefix_bytes + pattern.suffix.size() >= min_literal_bytes &&
             match(pattern, message, unused);
    });
    if (found != PrefixIndex::kNone) return true;
    blank = line.find(' ', blank + 1);
  }
  return false;
}

/// The rule of a message, and the fields of its pattern.
const Rule* LineFinder::rule_of(std::string_view message, const PrefixIndex::Prefix* first_words,
                                Captures& captures) {
  searches_ = 0;
  const LinePattern* const patterns = patterns_.data();  // the index returns valid numbers only
  const std::uint32_t number = index_.find(message, first_words, [=, this, &captures](std::uint16_t pattern) {
    return match(patterns[pattern], message, captures);
  });
  if (number == PrefixIndex::kNone) return nullptr;
  if (patterns[number].alternatives != 0) add_alternatives(number, message, captures);
  return patterns[number].rule;
}

/// A client's text may begin or end like optional words: if the line also matches another alternative, the
/// fields that differ are ambiguous.
void LineFinder::add_alternatives(std::size_t number, std::string_view message, Captures& captures) {
  const LinePattern& found = patterns_[number];
  for (std::size_t i = found.first_alternative; i < found.first_alternative + found.alternatives; ++i) {
    const LinePattern& line = patterns_.data()[alternatives_.data()[i]];
    if (!message.ends_with(line.suffix) || !message.starts_with(line.pattern->literal_prefix())) continue;
    Captures other;
    if (match(line, message, other)) captures.add_reading(other);
  }
}

/// Like `find`, for a line that is a list of fields: uses the first JSON form of the profile whose message is
/// present.
LineFinder::Found LineFinder::find_in_fields(std::string_view text, const Prefix& prefix,
                                             Captures& captures) {
  if (prefix.foreign && is_inside(*prefix.foreign, text)) return {Found::Kind::ambiguous};
  fields_.scan(text, prefix.first_keys);
  if (reads_objects_) return {.kind = Found::Kind::fields, .message = text};
  for (std::size_t i = 0; i < profile_.json.size(); ++i) {
    const bool is_clear = fields_.read(profile_.json[i], inside_);
    if (!inside_.has(Field::message)) continue;
    if (!is_clear) return {Found::Kind::ambiguous};
    around_ = {&profile_.json_subject[i], true};
    before_.add(inside_);
    const std::string_view message = inside_[Field::message];
    const Rule* const rule = rule_of(message, captures);
    captures.add(before_);
    return {.rule = rule, .message = message};
  }
  return {};
}

/// The length of the prefix of a message in an object; 0 if it has none.
std::size_t LineFinder::read_prefix(std::string_view message) {
  return profile_.prefixes.empty() ? 0 : profile_.find_prefix(message, before_).length;
}

/// Whether a line with this prefix continues the preceding line, because the broker repeats the prefix on
/// each line of a record. A record whose first line is empty begins with the next line, because an empty line
/// has no client's text.
bool LineFinder::continues(const Prefix& prefix, std::string_view line, std::size_t length) {
  if (!prefix.repeats) return false;
  const std::string_view text = line.substr(0, length);
  if (text == last_prefix_) return true;
  last_prefix_ = length == line.size() ? std::string_view() : text;
  return false;
}

/// The message of a line that is a JSON object. After a prefix it may also be plain text that begins with a
/// brace.
std::optional<std::string_view> LineFinder::message_in(std::string_view object, bool has_prefix) {
  members_.scan(object);
  for (std::size_t i = 0; i < profile_.json.size(); ++i) {
    if (!members_.read(profile_.json[i], inside_)) return has_prefix ? std::optional(object) : std::nullopt;
    if (!inside_.has(Field::message)) continue;
    before_.add(inside_);
    around_ = {&profile_.json_subject[i], false};
    const std::string_view message = inside_[Field::message];
    return message.substr(read_prefix(message));
  }
  return {};
}

}  // namespace mre
