// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/profile/match/literal_search.h"

namespace mre {

/// What a rule can read out of a record.
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
  identity
};
inline constexpr std::size_t kFields = 11;
std::string_view to_string(Field field);

/// What was read out of one record: views into it.
class Captures {
 public:
  void clear() { present_ = ambiguous_ = 0; }
  bool empty() const { return present_ == 0; }
  void set(Field field, std::string_view text) {
    text_[index(field)] = text;
    present_ |= bit(field);
  }
  /// Takes the fields of `others` that are not present here.
  void add(const Captures& others) {
    const auto missing = static_cast<std::uint16_t>(others.present_ & ~present_);
    for (unsigned left = missing; left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(left));
      text_[i] = others.text_[i];
    }
    present_ |= missing;
    ambiguous_ |= others.ambiguous_ & missing;
  }
  void set_ambiguous(Field field) { ambiguous_ |= bit(field); }
  /// The record can be read as `other`, too: fields that differ are ambiguous.
  void add_reading(const Captures& other) {
    ambiguous_ |= other.ambiguous_ | (present_ ^ other.present_);
    for (std::size_t i = 0; i < kFields; ++i) {
      if ((present_ & other.present_ & bit(static_cast<Field>(i))) != 0 && text_[i] != other.text_[i])
        set_ambiguous(static_cast<Field>(i));
    }
  }

  /// Present and read in the only way the record allows.
  bool has(Field field) const { return (present_ & ~ambiguous_ & bit(field)) != 0; }
  /// Present, but a client's text makes the record readable in more than one way.
  bool ambiguous(Field field) const { return (ambiguous_ & bit(field)) != 0; }
  bool any_ambiguous() const { return ambiguous_ != 0; }
  std::string_view operator[](Field field) const { return text_[index(field)]; }

 private:
  static std::size_t index(Field field) { return static_cast<std::size_t>(field); }
  static std::uint16_t bit(Field field) { return static_cast<std::uint16_t>(1U << index(field)); }

  std::array<std::string_view, kFields> text_{};
  std::uint16_t present_ = 0;
  std::uint16_t ambiguous_ = 0;
};

/// A pattern over one line or one topic: the broker's own words, with fields in braces. {{ stands for a
/// brace.
///
///   Sending CONNACK to {client} ({n}, {code})
///
/// {client}, {filter} and {*} stand for any text: a stranger chose it. {n} is a whole number; {code},
/// {protocol}, {peer}, {version} and {word} are one word of the broker's own, {token} is a run of anything
/// but blanks. {id} is a {client} without blanks and commas, for lines that can only be read from the left.
/// {name} is a code by its name, which may have blanks; {codes} is a list of codes. The whole line must
/// match.
///
/// Text of strangers is never searched for the broker's words: what stands before the first text is read from
/// the left, what stands after the last text from the right, so that a client id that imitates a line stays a
/// client id. With two texts (the most) the words between them are looked for; if they fit in more than one
/// place the fields around are marked ambiguous instead of guessed. Matching is linear in the line and
/// allocates nothing.
class Pattern {
 public:
  /// The error's text has no file and no line: the loader adds them.
  static Result<Pattern> compile(std::string_view source);

  bool match(std::string_view line, Captures& captures) const;

  /// The same for a line that is known to begin with head() and to end with tail(); `rest` follows head().
  bool match_inside(std::string_view rest, Captures& captures) const;

  /// The words that are looked for between two texts; empty if the pattern has less than two.
  std::string_view anchor() const;

  /// match_inside of a pattern with two texts, whose anchor was found already: its places in the line, of
  /// which `rest` is a part. `tried` counts those that were looked at.
  struct AnchorPlaces {
    const LiteralSearch& search;
    std::uint32_t place;  ///< The number of the first one.
    const char* line;
    std::uint64_t tried = 0;

    /// The next place in `text` that is not before `from`; npos if there is none. `from` does not fall.
    std::size_t next(std::string_view text, std::size_t from);
  };
  bool match_inside(std::string_view rest, Captures& captures, AnchorPlaces& places) const;

  /// How many bytes at the begin of the line the pattern takes, read from the left; 0 if it does not fit. For
  /// a prefix: a pattern without texts.
  std::size_t match_begin(std::string_view line, Captures& captures) const;

  /// The words with which every match begins.
  std::string_view head() const;
  /// The words with which every match ends; empty if it ends with a field.
  std::string_view tail() const;
  /// Behind its head any text may stand, and nothing is read of it: "Received PUBLISH from {*}".
  bool head_is_all() const;
  bool has(Field field) const;
  bool has_text() const { return first_text_ < elements_.size(); }

 private:
  enum class Kind : std::uint8_t { literal, text, run };
  using ByteClass = std::array<bool, 256>;
  struct Element {
    Kind kind;
    std::string literal;
    const ByteClass* bytes = nullptr;  // what a run consists of
    std::size_t overlap = 0;           // how many bytes at the end of the literal before could be of the run
    bool named = false;
    Field field{};
  };

  static const ByteClass& class_of(std::string_view name);
  static Result<Element> field_from(std::string_view name);
  Result<void> check() const;
  bool match_elements(std::string_view rest, bool is_inside, Captures& captures, AnchorPlaces* places) const;
  bool match_forward(std::size_t from, std::size_t to, std::string_view& rest, Captures& captures) const;
  bool match_backward(std::size_t from, std::size_t to, std::string_view& rest, Captures& captures) const;
  bool match_between(std::string_view middle, Captures& captures, AnchorPlaces* places) const;
  static void capture(const Element& element, std::string_view text, Captures& captures);

  std::vector<Element> elements_;
  std::size_t first_text_ = 0;  // index of the first text; elements_.size() if there is none
  std::size_t last_text_ = 0;   // index of the last text; equal to the first if there is one
  std::size_t anchor_ = 0;      // index of the longest words between two texts
};

}  // namespace mre
