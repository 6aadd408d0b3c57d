// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/base/word_at.h"
#include "exporter/profile/match/literal_search.h"

namespace mre {

/// The fields that a rule can read from a record.
enum class Field : std::uint8_t {
  client,
  peer,
  protocol,
  code,
  codes,
  version,
  why,
  event,
  message,
  filter,
  identity,
  // Only for the subject of an event (event/subject.h): no case, count or state depends on them.
  user,
  topic,
  reason_string,
  who,      ///< A client id that is not looked up; precedes `client`.
  address,  ///< A peer that is not looked up; precedes `peer`.
};
inline constexpr std::size_t kFields = 16;
std::string_view to_string(Field field);

/// Whether the field is only read for the subject of an event.
constexpr bool is_for_subject(Field field) { return field >= Field::user; }

/// The fields read from one record: views into it.
class Captures {
 public:
  void clear() { present_ = ambiguous_ = 0; }
  bool empty() const { return present_ == 0; }
  void set(Field field, std::string_view text) {
    text_.data()[index(field)] = text;
    present_ |= bit(field);
  }
  /// Adds the fields of `others` that are not present here.
  void add(const Captures& others) {
    const auto absent = static_cast<std::uint16_t>(~present_);
    const auto missing = static_cast<std::uint16_t>(others.present_ & absent);
    for (unsigned left = missing; left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(left));
      text_[i] = others.text_[i];
    }
    present_ |= missing;
    ambiguous_ |= others.ambiguous_ & absent;
  }
  void set_ambiguous(Field field) { ambiguous_ |= bit(field); }
  void erase(Field field) {
    present_ &= static_cast<std::uint16_t>(~bit(field));
    ambiguous_ &= static_cast<std::uint16_t>(~bit(field));
  }
  /// The record can also be read as `other`: fields that differ become ambiguous.
  void add_reading(const Captures& other) {
    ambiguous_ |= other.ambiguous_ | (present_ ^ other.present_);
    for (std::size_t i = 0; i < kFields; ++i) {
      if ((present_ & other.present_ & bit(static_cast<Field>(i))) != 0 && text_[i] != other.text_[i])
        set_ambiguous(static_cast<Field>(i));
    }
  }

  /// Present and not ambiguous.
  bool has(Field field) const { return (present_ & ~ambiguous_ & bit(field)) != 0; }
  /// A client's text makes the record readable in more than one way.
  bool ambiguous(Field field) const { return (ambiguous_ & bit(field)) != 0; }
  /// Whether a field that is not only for the subject is ambiguous.
  bool any_ambiguous() const { return (ambiguous_ & ~kForSubject) != 0; }
  std::string_view operator[](Field field) const { return text_.data()[index(field)]; }
  std::string_view text_or_empty(Field field) const {
    return has(field) ? (*this)[field] : std::string_view{};
  }

 private:
  static constexpr std::size_t index(Field field) { return static_cast<std::size_t>(field); }
  static constexpr std::uint16_t bit(Field field) { return static_cast<std::uint16_t>(1U << index(field)); }
  static constexpr auto kForSubject =
      static_cast<std::uint16_t>(~0U << static_cast<std::size_t>(Field::user));

  std::array<std::string_view, kFields> text_{};
  std::uint16_t present_ = 0;
  std::uint16_t ambiguous_ = 0;
};

/// A pattern for one line or one topic: the broker's own words, with fields in braces. {{ is a literal brace.
///
///   Sending CONNACK to {client} ({n}, {code})
///
/// {client}, {filter}, {user}, {topic}, {reason_string}, {who}, {address} and {*} match any text, which a client may
/// have chosen. {address:word} is a {word} that is read as {address}; likewise the other fields for the subject, and
/// :n, :token and :ip (an address without letters above f). {n} is a whole number; {code},
/// {protocol}, {peer}, {version} and {word} are one word of the broker's own, {token} is a run of non-blank
/// characters. {id} is a {client} without blanks and commas, for lines that can only be read from the left.
/// {name} is a code by its name, which may have blanks; {codes} is a list of codes. The whole line must
/// match.
///
/// A client's text is never searched for the broker's words: everything in front of the first text is read
/// from the left, everything after the last text from the right, so that a client id that imitates a line
/// remains a client id. With two texts (the maximum) the words between them are searched; if they match at
/// more than one position, the fields around them are ambiguous instead of guessed. Matching is linear in the
/// line and allocates nothing.
class Pattern {
 public:
  enum class Kind : std::uint8_t { literal, text, run };
  using ByteClass = std::array<bool, 256>;
  /// A literal, a text or a run of certain bytes.
  struct Element {
    Kind kind;
    std::string literal;
    const ByteClass* bytes = nullptr;  // the bytes of a run
    std::size_t overlap = 0;  // how many bytes at the end of the preceding literal could belong to the run
    bool named = false;
    Field field{};

    bool operator==(const Element&) const = default;
  };

  /// The error text has no file and line; the loader adds them.
  static Result<Pattern> compile(std::string_view source);

  bool match(std::string_view line, Captures& captures) const;

  /// Whether the pattern is one text between its literal prefix and suffix, perhaps with runs and literals of at most
  /// 8 bytes after it: match_after_prefix can read it. Most are: "Received PUBACK from {client} (Mid: {n}, RC:{code})".
  bool is_text_after_prefix() const { return text_after_prefix_; }
  /// match_inside for these, in about 120 instructions. Of the suffix only the last 8 bytes need not be known to match.
  bool match_after_prefix(std::string_view rest, Captures& captures) const;

  /// The literal that is searched between two texts; empty if the pattern has fewer than two.
  std::string_view anchor() const;

  /// The occurrences of the anchor in the line, found before, for match_inside of a pattern with two texts.
  /// `rest` is a part of that line. `tried` counts the occurrences that were examined.
  struct AnchorPositions {
    const LiteralSearch& search;
    std::uint32_t occurrence;  ///< The number of the next one.
    const char* line;
    std::uint64_t tried = 0;

    /// The next position in `text` at or after `from`, or npos. `from` must not decrease.
    std::size_t next(std::string_view text, std::size_t from);
  };

  /// Like `match`, for a line that is known to begin with literal_prefix() and end with literal_suffix().
  /// `rest` is the line after literal_prefix(). Without `positions`, it searches for the anchor itself.
  bool match_inside(std::string_view rest, Captures& captures, AnchorPositions* positions = nullptr) const;

  /// How many bytes at the beginning of the line match; 0 if it does not match. For a prefix, which is a
  /// pattern without texts.
  std::size_t match_begin(std::string_view line, Captures& captures) const;
  /// The same, but the first `from` elements are known to match. Element i is between ends[i] and ends[i + 1];
  /// those of the known ones, and ends[0], are set. Returns how many elements match.
  std::size_t match_begin(std::string_view line, std::size_t from, std::span<const char*> ends) const;

  /// The text that every match begins with; empty if it begins with a field.
  std::string_view literal_prefix() const;
  /// The text that every match ends with; empty if it ends with a field.
  std::string_view literal_suffix() const;
  /// The literal prefix alone decides, and no field is read: "Received PUBLISH from {*}".
  bool matches_by_prefix() const;
  bool has(Field field) const;
  std::span<const Element> elements() const { return elements_; }  ///< In the order of the line.
  bool has_text() const { return first_text_ < elements_.size(); }

 private:
  static const ByteClass& class_of(std::string_view name);
  static Result<Element> named_run(std::string_view name, std::string_view run);
  static Result<Element> field_from(std::string_view name);
  Result<void> check() const;
  void find_texts();
  void find_runs();
  bool match_forward(std::size_t from, std::size_t to, std::string_view& rest, Captures& captures) const;
  bool match_backward(std::size_t from, std::size_t to, std::string_view& rest, Captures& captures) const;
  bool match_between(std::string_view middle, Captures& captures, AnchorPositions* positions) const;
  void add_reading(std::string_view before, std::string_view after, Captures& captures) const;
  static void capture(const Element& element, std::string_view text, Captures& captures);

  // The last bytes of a literal, as the last ones of a word. All of it, if it has at most 8.
  struct LiteralEnd {
    std::uint64_t word = 0;
    std::uint64_t mask = 0;    // which bytes of the word it is
    std::ptrdiff_t bytes = 0;  // of the literal

    LiteralEnd() = default;
    explicit LiteralEnd(std::string_view text);
    /// Whether the literal may be in front of `end`, and begins at `begin` or later. The word before `end` must be
    /// readable.
    bool is_between(const char* begin, const char* end) const {
      return end - begin >= bytes && (word_at(end - sizeof word) & mask) == word;
    }
  };
  // A run after the only text of a pattern, and the literal in front of it.
  struct RunAfterLiteral {
    LiteralEnd literal;
    const ByteClass* bytes;
    std::size_t overlap;
    bool named;
    Field field;
  };

  std::vector<Element> elements_;
  std::size_t first_text_ = 0;     // index of the first text; elements_.size() if there is none
  std::size_t last_text_ = 0;      // index of the last text; equal to the first if there is one
  std::size_t after_prefix_ = 0;   // index of the first element after the literal prefix
  std::size_t before_suffix_ = 0;  // one more than that of the last element before the literal suffix
  std::size_t suffix_bytes_ = 0;   // of the literal suffix
  bool text_after_prefix_ = false;
  std::vector<RunAfterLiteral> runs_;  // if text_after_prefix_, the last one first
  LiteralEnd suffix_;                  // if text_after_prefix_
  std::size_t anchor_ = 0;             // index of the longest words between two texts
};

}  // namespace mre
