// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/event/source_kind.h"
#include "exporter/profile/match/field_line.h"
#include "exporter/profile/match/json_members.h"
#include "exporter/profile/match/literal_search.h"
#include "exporter/profile/match/message_start.h"
#include "exporter/profile/match/prefix_index.h"
#include "exporter/profile/profile.h"

namespace mre {

/// Finds the rule that reads a log line: removes the time stamp or prefix, finds candidate patterns by their
/// literal prefix, and reads the fields of the one that matches. One thread. It remembers the prefix of the
/// preceding line if the profile requires it.
class LineFinder {
 public:
  /// The profile must outlive it.
  LineFinder(const Profile& profile, SourceKind kind);

  /// A pattern of a rule.
  struct LinePattern {
    const Rule* rule;
    const Pattern* pattern;
    std::size_t prefix_bytes;  // length of its literal prefix
    std::string_view suffix;   // the index compares its last bytes; a longer one is compared first
    bool matches_by_prefix;    // nothing is read after the literal prefix
    bool is_simple;            // Pattern::match_after_prefix does all of it
    bool is_ignored;           ///< A message with its literal prefix is ignored,
    bool is_whole;             ///< if nothing follows.
    std::uint8_t level;        ///< Of the rule, for the kind of source.
    bool is_code;  ///< Its rule is Rule::code_only, and Pattern::match_after_prefix does the rest.
    bool has_why;
    std::string_view why;
    std::size_t first_alternative;  // in `alternatives_`, and their number
    std::size_t alternatives;

    bool has_two_texts;
    std::size_t anchor;  // its index in `anchors_`, once that exists
  };

  struct Found {
    enum class Kind : std::uint8_t {
      message,    ///< A message of the broker; `rule` is null if no rule reads it.
      object,     ///< The message is a JSON object that "object" rules read.
      fields,     ///< The same for a line of fields: see `fields()`.
      no_prefix,  ///< The line does not begin with a prefix of the broker.
      ambiguous,  ///< The line cannot be read, because a client's text may imitate a field.
    };
    Kind kind = Kind::message;
    const Rule* rule = nullptr;
    std::string_view message = {};  ///< The part of the line that the rule's pattern matches.
  };

  /// Writes the fields of the found rule to `captures`: views into `line`, or into a buffer that is valid
  /// until the next call.
  Found find(std::string_view line, Captures& captures) {
    around_.subject = nullptr;
    // Try the whole line first: in a log without time stamps a client's text may imitate one.
    if (has_no_prefix_ && index_.may_begin(line)) {
      if (const Rule* const rule = rule_of(line, captures)) return {.rule = rule, .message = line};
    }
    if (!plain_) return find_after_prefix(line, captures);
    const std::size_t before = time_stamp_length(line);
    if (before == 0) return {};  // the whole line was tried already
    const std::string_view message(line.data() + before, line.size() - before);
    return {.rule = rule_of(message, captures), .message = message};
  }

  /// Whether what follows a time stamp at the beginning of a line is a message, without a prefix or an object around
  /// it. For such a line `find_message` does for its message what `find` does.
  bool reads_after_time_stamp() const { return is_after_time_stamp_; }
  /// The length of the time stamp of a line; 0 if it has none. `text` begins with the line and may continue with others.
  std::size_t time_stamp_of(std::string_view text) { return time_stamp_.length(text); }
  /// The first words of such a message; null if they are not known. `text` begins with the message and may
  /// continue with other lines.
  const PrefixIndex::Prefix* first_words(std::string_view text) const { return index_.find_long(text); }
  /// The pattern that is tried first for a message with these first words.
  const LinePattern& first_pattern(const PrefixIndex::Prefix& first_words) const {
    return patterns_.data()[first_words.first_pattern];
  }
  Found find_message(std::string_view message, const PrefixIndex::Prefix* first_words, Captures& captures) {
    return {.rule = rule_of(message, first_words, captures), .message = message};
  }

  /// The members of the last found line, if its kind was `fields`.
  const FieldLine& fields() const { return fields_; }
  /// Reads JSON objects: the one around the message of the last found line, or another one that is to be scanned.
  JsonMembers& members() { return members_; }
  const JsonMembers& members() const { return members_; }

  /// The form, in Profile::json_subject, of the line of fields or JSON that is around the message of the last found
  /// line. Null: the message is not in an object.
  struct Around {
    const std::vector<Member>* subject = nullptr;
    bool is_fields = false;
  };
  const Around& around() const { return around_; }

  /// Whether a message with long enough literal text occurs in the line after a blank. A hint, not proof: it
  /// may be a client's text.
  bool knows_inside(std::string_view line);

  /// Like `find`, but does not change the remembered prefix of the preceding line.
  Found peek(std::string_view line, Captures& captures);

  /// How many bytes were searched for literals between two texts: linear in the lines, whatever they contain.
  /// For tests.
  std::uint64_t searched_bytes() const { return searched_bytes_; }

  void clear() { last_prefix_.clear(); }
  void save(ByteWriter& out) const { out.text(last_prefix_); }
  void restore(ByteReader& in) { last_prefix_ = in.text(); }

 private:
  /// For a message that begins with the literal prefix, and ends with the literal suffix as far as the index
  /// compares it.
  bool match(const LinePattern& line, std::string_view message, Captures& captures) {
    captures.clear();
    if (line.is_simple) return line.pattern->match_after_prefix(message.substr(line.prefix_bytes), captures);
    return line.matches_by_prefix || match_rest(line, message, captures);
  }
  bool match_rest(const LinePattern& line, std::string_view message, Captures& captures);
  bool match_texts(const LinePattern& line, std::string_view message, Captures& captures);

  /// Like `find`, for a message after a prefix or in an object.
  Found find_after_prefix(std::string_view line, Captures& captures);
  Found find_in_fields(std::string_view text, const Prefix& prefix, Captures& captures);
  void add(const Rule& rule, SourceKind kind);
  void find_alternatives(const Rule& rule, std::size_t first);
  void prepare_anchors();
  const Rule* rule_of(std::string_view message, Captures& captures) {
    return rule_of(message, index_.find_long(message), captures);
  }
  const Rule* rule_of(std::string_view message, const PrefixIndex::Prefix* first_words, Captures& captures);
  void add_alternatives(std::size_t number, std::string_view message, Captures& captures);
  std::size_t read_prefix(std::string_view message);
  bool continues(const Prefix& prefix, std::string_view line, std::size_t length);
  std::optional<std::string_view> message_in(std::string_view object, bool has_prefix);

  const Profile& profile_;
  PrefixIndex index_;
  std::vector<LinePattern> patterns_;
  /// For each pattern: the indices of those of the same line, with other optional words, that may match the same
  /// message as far as its first and last words say.
  std::vector<std::uint16_t> alternatives_;
  bool reads_objects_ = false;
  bool has_no_prefix_;
  bool is_after_time_stamp_;  // reads_after_time_stamp()
  RepeatedTimeStamp time_stamp_;
  bool plain_;               // messages follow at most a time stamp
  std::string last_prefix_;  // of the preceding line, if the profile has "repeats"
  Captures before_;          // the fields of the prefix or the object around the message
  Captures inside_;          // those of the form of the object that is being read
  JsonMembers members_;
  FieldLine fields_;
  Around around_;
  std::optional<LiteralSearch> anchors_;  // of all patterns with two texts; created on demand
  int searches_ = 0;                      // number of anchor searches in the current message
  std::uint64_t searched_bytes_ = 0;
};

}  // namespace mre
