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
#include "exporter/profile/match/head_index.h"
#include "exporter/profile/match/json_members.h"
#include "exporter/profile/match/literal_search.h"
#include "exporter/profile/match/message_start.h"
#include "exporter/profile/profile.h"

namespace mre {

/// Finds the rule that reads a log line: time stamp or prefix off, patterns by their head, the fields of the
/// one that matches. One thread; it remembers the prefix of the line before, where the profile asks for it.
class LineFinder {
 public:
  /// The profile must outlive it.
  LineFinder(const Profile& profile, SourceKind kind);

  struct Found {
    enum class Kind : std::uint8_t {
      message,    ///< A message of the broker; `rule` is null if no rule reads it.
      object,     ///< The message is a JSON object that "object" rules read.
      fields,     ///< The same for a line of fields: see `fields()`.
      no_prefix,  ///< The line does not begin with what the broker writes before each message.
      ambiguous,  ///< The line cannot be read: a client's text may look like a field.
    };
    Kind kind = Kind::message;
    const Rule* rule = nullptr;
    std::string_view message = {};  ///< The line without what precedes the words of the rule.
  };

  /// Puts the fields of the rule it found into `captures`: views into `line`, or into a buffer that is valid
  /// until the next call.
  Found find(std::string_view line, Captures& captures) {
    // The broker's words first: in a log without time stamps a client's text may look like one.
    if (has_no_prefix_ && heads_.may_begin(line)) {
      if (const Rule* const rule = rule_of(line, captures)) return {.rule = rule, .message = line};
    }
    if (!plain_) return find_behind(line, captures);
    const std::size_t before = time_stamp_length(line);
    if (before == 0) return {};  // looked up already
    const std::string_view message(line.data() + before, line.size() - before);
    return {.rule = rule_of(message, captures), .message = message};
  }

  /// The members of the line found last, if it is one of fields.
  const FieldLine& fields() const { return fields_; }

  /// Whether a message that begins with words of some length, all the broker's, is somewhere in the line,
  /// after a blank. A hint, not proof: a client's text may be there.
  bool knows_inside(std::string_view line);

  /// The same for a line that is not of the log: the line before stays what it is.
  Found peek(std::string_view line, Captures& captures);

  /// How many bytes were looked at in search of words between two texts: linear in the lines, whatever is in
  /// them. For tests.
  std::uint64_t searched_bytes() const { return searched_bytes_; }

  void clear() { last_prefix_.clear(); }
  void save(ByteWriter& out) const { out.text(last_prefix_); }
  void restore(ByteReader& in) { last_prefix_ = in.text(); }

 private:
  struct LinePattern {
    const Rule* rule;
    const Pattern* pattern;
    std::size_t head;       // its length
    std::string_view tail;  // its end is in the index; a longer one is compared before anything else
    bool head_is_all;       // nothing is read after the head
    bool has_why;
    std::string_view why;
    std::size_t first_way;  // the same line with other optional words: where, and how many
    std::size_t ways;

    bool has_two_texts;
    std::size_t anchor;  // its number in `anchors_`, once that is there
  };

  /// Of a message that begins with the head, and ends with the tail as far as the index compares it.
  bool match(const LinePattern& line, std::string_view message, Captures& captures) {
    captures.clear();
    return line.head_is_all || match_rest(line, message, captures);
  }
  bool match_rest(const LinePattern& line, std::string_view message, Captures& captures);
  bool match_texts(const LinePattern& line, std::string_view message, Captures& captures);

  /// The same where a prefix or an object is around the message.
  Found find_behind(std::string_view line, Captures& captures);
  Found find_in_fields(std::string_view text, const Prefix& prefix, Captures& captures);
  void add(const Rule& rule);
  void prepare_anchors();
  const Rule* rule_of(std::string_view message, Captures& captures);
  void add_other_ways(std::size_t number, std::string_view message, Captures& captures);
  std::size_t read_prefix(std::string_view message);
  bool continues(const Prefix& prefix, std::string_view line, std::size_t length);
  std::optional<std::string_view> message_in(std::string_view object, bool has_prefix);

  const Profile& profile_;
  HeadIndex heads_;
  std::vector<LinePattern> patterns_;
  bool reads_objects_ = false;
  bool has_no_prefix_;
  bool plain_;               // nothing but a time stamp stands before the messages of this log
  std::string last_prefix_;  // of the line before, if the profile repeats it
  Captures before_;          // the fields of what stands before the message, or around it
  JsonMembers members_;
  FieldLine fields_;
  std::optional<LiteralSearch> anchors_;  // of all patterns with two texts; made when it is needed
  int searches_ = 0;                      // patterns whose anchor was looked for in the present message
  std::uint64_t searched_bytes_ = 0;
};

}  // namespace mre
