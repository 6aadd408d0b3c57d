// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/pattern.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "exporter/base/text.h"
#include "exporter/base/word_at.h"

namespace mre {
namespace {

constexpr std::array<std::string_view, kFields> kFieldNames = {
    "client",  "peer",   "protocol", "code", "codes", "version",       "why", "event",
    "message", "filter", "identity", "user", "topic", "reason_string", "who", "address"};

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

constexpr bool in_name(char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '-'; }

/// A table of the bytes for which `holds` is true.
constexpr std::array<bool, 256> bytes_where(auto holds) {
  std::array<bool, 256> bytes{};
  for (std::size_t byte = 0; byte < bytes.size(); ++byte) bytes[byte] = holds(static_cast<char>(byte));
  return bytes;
}

constexpr bool in(const std::array<bool, 256>& bytes, char c) {
  return bytes.data()[static_cast<unsigned char>(c)];
}

constexpr auto kNumber = bytes_where(is_digit);
constexpr auto kPhrase = bytes_where([](char c) { return in_name(c) || c == ' '; });
constexpr auto kToken = bytes_where([](char c) { return c != ' '; });
constexpr auto kId = bytes_where([](char c) { return c != ' ' && c != ','; });
// A version, a number, a name without blanks.
constexpr auto kWord = bytes_where([](char c) { return in_name(c) || c == '.' || c == ':' || c == '%'; });
// An address with its port; the path of a Unix socket, or "(null)", where a broker writes these instead.
constexpr auto kPeer = bytes_where([](char c) { return in(kWord, c) || c == '/' || c == '(' || c == ')'; });

// An address of IPv4 or IPv6, perhaps with its port.
constexpr auto kIp = bytes_where([](char c) {
  return is_digit(c) || c == '.' || c == ':' || c == '[' || c == ']' || (c >= 'a' && c <= 'f');
});

// Usually only a few bytes: comparing them directly is faster than calling memcmp.
bool ends_with(std::string_view text, std::string_view words) {
  if (text.size() < words.size()) return false;
  const char* text_end = text.data() + text.size();
  for (const char* at = words.data() + words.size(); at != words.data();) {
    if (*--at != *--text_end) return false;
  }
  return true;
}

bool begins_with(std::string_view text, std::string_view words) {
  if (text.size() < words.size()) return false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (text.data()[i] != words.data()[i]) return false;
  }
  return true;
}

// The end of the run of bytes of the class that begins at `at`.
const char* end_of_run(const std::array<bool, 256>& bytes, const char* at, const char* end) {
  if (&bytes == &kToken && at != end) {
    const void* const blank = std::memchr(at, ' ', static_cast<std::size_t>(end - at));
    return blank == nullptr ? end : static_cast<const char*>(blank);
  }
  while (at != end && in(bytes, *at)) ++at;
  return at;
}

// How many of the last of these 8 bytes of a text are digits. A digit is 0x30 to 0x39.
unsigned digits_at_end(std::uint64_t bytes) {
  constexpr std::uint64_t every = 0x0101010101010101;
  const std::uint64_t zero_to_nine = bytes ^ every * 0x30;
  const std::uint64_t others = (((zero_to_nine & every * 0x7F) + every * 0x76) | zero_to_nine) & every * 0x80;
  return static_cast<unsigned>(std::countl_zero(others)) / 8;
}

// The begin of the run of bytes of the class that ends at `end`.
[[gnu::noinline]] const char* begin_of_run(const std::array<bool, 256>& bytes, const char* begin,
                                           const char* end) {
  if (&bytes == &kNumber && end - begin >= static_cast<std::ptrdiff_t>(kWordBytes)) {
    const unsigned digits = digits_at_end(word_at(end - kWordBytes));
    if (digits < kWordBytes) return end - digits;
  }
  while (end != begin && in(bytes, end[-1])) --end;
  return end;
}

// How many bytes at the end of `words` belong to the class.
std::size_t run_at_end(const std::array<bool, 256>& bytes, std::string_view words) {
  const char* const end = words.data() + words.size();
  return static_cast<std::size_t>(end - begin_of_run(bytes, words.data(), end));
}

// Compares the first and the last byte of the words with eight positions at once: a third of the instructions of
// std::string_view::find in a short text, which compares all words at each position of the first byte. In a long text
// memmem is faster.
std::size_t find(std::string_view text, std::string_view words, std::size_t from) {
  constexpr std::uint64_t every = 0x0101010101010101;
  const char* const begin = text.data();
  const char* at = begin + from;
  const std::ptrdiff_t positions = std::ssize(text) - static_cast<std::ptrdiff_t>(from + words.size()) + 1;
  const char* const end = at + positions;
  if (positions >= 256) {
    const void* const found = memmem(at, text.size() - from, words.data(), words.size());
    return found == nullptr ? std::string_view::npos
                            : static_cast<std::size_t>(static_cast<const char*>(found) - begin);
  }
  if (positions < static_cast<std::ptrdiff_t>(kWordBytes)) {
    for (; at < end; ++at) {
      if (begins_with({at, words.size()}, words)) return static_cast<std::size_t>(at - begin);
    }
    return std::string_view::npos;
  }
  const std::uint64_t first = every * static_cast<unsigned char>(words.front());
  const std::uint64_t last = every * static_cast<unsigned char>(words.back());
  while (true) {
    const std::uint64_t differences = (word_at(at) ^ first) | (word_at(at + words.size() - 1) ^ last);
    std::uint64_t zeros =
        (differences - every) & ~differences & every * 0x80;  // and perhaps a byte after one
    for (; zeros != 0; zeros &= zeros - 1) {
      const char* const position = at + std::countr_zero(zeros) / 8;
      if (begins_with({position, words.size()}, words)) return static_cast<std::size_t>(position - begin);
    }
    if (at == end - kWordBytes) return std::string_view::npos;
    at = std::min(at + kWordBytes, end - kWordBytes);  // the last word overlaps the one before
  }
}

// Where a literal or run ends that begins at `at`; null if it does not.
[[gnu::always_inline]] inline const char* end_of(const Pattern::Element& element, const char* at,
                                                 const char* end) {
  if (element.kind == Pattern::Kind::literal)
    return begins_with({at, end}, element.literal) ? at + element.literal.size() : nullptr;
  const char* const end_of_bytes = end_of_run(*element.bytes, at, end);
  return end_of_bytes == at ? nullptr : end_of_bytes;
}

// Where a literal or run begins that ends at `end`; null if it does not. The run may include the end of the preceding
// literal: "rc135" of `rc{code}`.
[[gnu::always_inline]] inline const char* begin_of(const Pattern::Element& element, const char* begin,
                                                   const char* end) {
  if (element.kind == Pattern::Kind::literal)
    return ends_with({begin, end}, element.literal) ? end - element.literal.size() : nullptr;
  const char* const at = begin_of_run(*element.bytes, begin, end) + element.overlap;
  return at < end ? at : nullptr;
}

tl::unexpected<Error> refuse(std::string what) { return fail(Errc::invalid_config, std::move(what)); }

}  // namespace

std::string_view to_string(Field field) { return kFieldNames[static_cast<std::size_t>(field)]; }

const Pattern::ByteClass& Pattern::class_of(std::string_view name) {
  if (name == "n") return kNumber;
  if (name == "name") return kPhrase;
  if (name == "token") return kToken;
  if (name == "id") return kId;
  if (name == "peer") return kPeer;
  if (name == "ip") return kIp;
  return kWord;
}

/// {address:word}: a field for the subject, or the peer, that is a run, as {word} is.
Result<Pattern::Element> Pattern::named_run(std::string_view name, std::string_view run) {
  const auto known = std::ranges::find(kFieldNames, name);
  const auto field = static_cast<Field>(known - kFieldNames.begin());
  const bool is_run = run == "n" || run == "word" || run == "token" || run == "ip";
  if (known == kFieldNames.end() || !(is_for_subject(field) || field == Field::peer) || !is_run)
    return refuse(
        "{" + std::string(name) + ":" + std::string(run) +
        "}: only {user} {topic} {reason_string} {who} {address} and {peer} can be followed by :n, :word, "
        ":token or :ip");
  Element element{Kind::run, {}};
  element.bytes = &class_of(run);
  element.named = true;
  element.field = field;
  return element;
}

Result<Pattern::Element> Pattern::field_from(std::string_view name) {
  if (const std::size_t colon = name.find(':'); colon != std::string_view::npos)
    return named_run(name.substr(0, colon), name.substr(colon + 1));
  const auto known = std::ranges::find(kFieldNames, name == "name" ? "code" : name == "id" ? "client" : name);
  const bool is_known = known != kFieldNames.end() && name != "identity";
  const auto field = static_cast<Field>(known - kFieldNames.begin());
  const bool is_text = name == "*" || name == "client" || name == "codes" || name == "filter" ||
                       (is_known && is_for_subject(field));
  Element element{is_text ? Kind::text : Kind::run, {}};
  if (!is_text) element.bytes = &class_of(name);
  if (is_known) {
    element.named = true;
    element.field = field;
  } else if (name != "*" && name != "n" && name != "word" && name != "token") {
    return refuse("unknown field {" + std::string(name) +
                  "}; known fields: {client} {id} {filter} {peer} {protocol} {code} {name} {codes} {version} "
                  "{why} {user} "
                  "{topic} {reason_string} {who} {address} {word} {token} {n} {*}");
  }
  return element;
}

Result<Pattern> Pattern::compile(std::string_view source) {
  Pattern pattern;
  auto& elements = pattern.elements_;
  for (std::size_t at = 0; at < source.size();) {
    const bool escaped = source.substr(at).starts_with("{{");
    if (source[at] != '{' || escaped) {
      at += escaped ? 1 : 0;
      const std::size_t end = std::min(source.find('{', at + 1), source.size());
      if (elements.empty() || elements.back().kind != Kind::literal) elements.push_back({Kind::literal, {}});
      elements.back().literal += source.substr(at, end - at);
      at = end;
      continue;
    }
    const std::size_t end = source.find('}', at);
    if (end == std::string_view::npos) return refuse("a '{' has no '}'");
    const std::string_view name = source.substr(at + 1, end - at - 1);
    at = end + 1;
    auto element = field_from(name);
    if (!element) return tl::make_unexpected(element.error());
    if (element->named && pattern.has(element->field))
      return refuse("duplicate field {" + std::string(name) + "}: a pattern can have it once");
    if (!elements.empty()) {
      if (elements.back().kind != Kind::literal)
        return refuse("two adjacent fields: write the broker's words between them");
      if (element->kind == Kind::run) element->overlap = run_at_end(*element->bytes, elements.back().literal);
    }
    elements.push_back(std::move(*element));
  }
  if (auto checked = pattern.check(); !checked) return tl::make_unexpected(checked.error());
  pattern.find_texts();
  return pattern;
}

/// Everything that is derived from the elements.
void Pattern::find_texts() {
  const auto is_text = [](const Element& element) { return element.kind == Kind::text; };
  const auto first = std::ranges::find_if(elements_, is_text);
  first_text_ = last_text_ = static_cast<std::size_t>(first - elements_.begin());
  for (std::size_t i = first_text_; i < elements_.size(); ++i) {
    if (is_text(elements_[i])) last_text_ = i;
  }
  after_prefix_ = literal_prefix().empty() ? 0 : 1;
  suffix_bytes_ = literal_suffix().size();
  before_suffix_ = elements_.size() - (suffix_bytes_ == 0 ? 0 : 1);
  anchor_ = first_text_ + 1;
  for (std::size_t i = anchor_; i < last_text_; ++i) {
    if (elements_[i].literal.size() > elements_[anchor_].literal.size()) anchor_ = i;
  }
  find_runs();
}

void Pattern::find_runs() {
  const auto is_short = [](const Element& element) { return element.literal.size() <= kWordBytes; };
  text_after_prefix_ = has_text() && first_text_ == 1 && last_text_ == 1 &&
                       literal_prefix().size() >= kWordBytes && !literal_suffix().empty() &&
                       std::all_of(elements_.begin() + 2, elements_.end() - 1, is_short);
  if (!text_after_prefix_) return;
  suffix_ = LiteralEnd(literal_suffix());
  for (std::size_t i = elements_.size() - 1; i > 2; i -= 2) {
    const Element& run = elements_[i - 1];
    runs_.push_back({LiteralEnd(elements_[i - 2].literal), run.bytes, run.overlap, run.named, run.field});
  }
}

Pattern::LiteralEnd::LiteralEnd(std::string_view text) : bytes(static_cast<std::ptrdiff_t>(text.size())) {
  const std::string_view end = text.substr(text.size() - std::min(text.size(), kWordBytes));
  std::array<char, kWordBytes> last{};
  std::ranges::copy_backward(end, last.end());
  word = word_at(last.data());
  std::fill_n(last.rbegin(), end.size(), '\xFF');
  mask = word_at(last.data());
}

Result<void> Pattern::check() const {
  if (elements_.empty()) return refuse("the pattern is empty");
  const auto texts = std::ranges::count(elements_, Kind::text, &Element::kind);
  if (texts > 2) {
    return refuse(
        "more than two texts ({client}, {filter}, {codes}, {user}, {topic}, {reason_string}, {who}, "
        "{address}, {*}): "
        "such a line cannot be read reliably");
  }
  for (std::size_t i = 0; i < elements_.size(); ++i) {
    const Element& element = elements_[i];
    if (element.kind != Kind::run) continue;
    const bool swallows_next =
        i + 1 < elements_.size() && in(*element.bytes, elements_[i + 1].literal.front());
    const bool swallows_last = i > 1 && element.overlap == elements_[i - 1].literal.size();
    if (swallows_next || swallows_last)
      return refuse(
          "a field and the adjacent text cannot be separated: the text has characters that the field may "
          "contain");
  }
  return {};
}

std::string_view Pattern::literal_prefix() const {
  return elements_.front().kind == Kind::literal ? std::string_view(elements_.front().literal)
                                                 : std::string_view{};
}

std::string_view Pattern::literal_suffix() const {
  return elements_.back().kind == Kind::literal ? std::string_view(elements_.back().literal)
                                                : std::string_view{};
}

bool Pattern::matches_by_prefix() const {
  return elements_.size() == 2 && !literal_prefix().empty() && elements_.back().kind == Kind::text &&
         !elements_.back().named;
}

bool Pattern::has(Field field) const {
  return std::ranges::any_of(elements_, [&](const Element& e) { return e.named && e.field == field; });
}

void Pattern::capture(const Element& element, std::string_view text, Captures& captures) {
  if (element.named) captures.set(element.field, text);
}

// Matches elements [from, to), none of them a text, at the front of `rest` and removes them.
bool Pattern::match_forward(std::size_t from, std::size_t to, std::string_view& rest,
                            Captures& captures) const {
  const char* at = rest.data();
  const char* const end = at + rest.size();
  const Element* const elements = elements_.data();
  for (const Element* element = elements + from; element != elements + to; ++element) {
    const char* const begin = at;
    at = end_of(*element, begin, end);
    if (at == nullptr) return false;
    capture(*element, {begin, at}, captures);
  }
  rest = {at, end};
  return true;
}

// Like match_forward, at the end of `rest`.
bool Pattern::match_backward(std::size_t from, std::size_t to, std::string_view& rest,
                             Captures& captures) const {
  const char* const begin = rest.data();
  const char* end = begin + rest.size();
  const Element* const elements = elements_.data();
  for (const Element* element = elements + to; element-- != elements + from;) {
    const char* const at = begin_of(*element, begin, end);
    if (at == nullptr) return false;
    capture(*element, {at, end}, captures);
    end = at;
  }
  rest = {begin, end};
  return true;
}

std::string_view Pattern::anchor() const {
  return first_text_ < last_text_ ? std::string_view(elements_[anchor_].literal) : std::string_view{};
}

std::size_t Pattern::AnchorPositions::next(std::string_view text, std::size_t from) {
  const auto offset = static_cast<std::size_t>(text.data() - line);
  for (; occurrence != LiteralSearch::kNone; occurrence = search.occurrence(occurrence).next) {
    ++tried;
    const std::size_t at = search.occurrence(occurrence).at;
    if (at >= offset + from) return at - offset;
  }
  return std::string_view::npos;
}

// Finds the elements between the two texts by their longest literal, which has the fewest occurrences. Every
// position where they match is one reading of the line.
bool Pattern::match_between(std::string_view middle, Captures& captures, AnchorPositions* positions) const {
  const std::string& words = elements_[anchor_].literal;
  const auto find_from = [&](std::size_t from) {
    return positions == nullptr ? find(middle, words, from) : positions->next(middle, from);
  };
  bool found = false;
  for (std::size_t at = find_from(0); at != std::string_view::npos; at = find_from(at + 1)) {
    if (at + words.size() > middle.size()) break;  // a position in the line, but not in this part of it
    std::string_view before = middle.substr(0, at);
    std::string_view after = middle.substr(at + words.size());
    if (found) {
      add_reading(before, after, captures);
    } else if (match_backward(first_text_ + 1, anchor_, before, captures) &&
               match_forward(anchor_ + 1, last_text_, after, captures)) {
      found = true;
      capture(elements_[first_text_], before, captures);
      capture(elements_[last_text_], after, captures);
    }
  }
  return found;
}

// If the elements also match between these parts, both texts are ambiguous, and what is between them if it differs.
void Pattern::add_reading(std::string_view before, std::string_view after, Captures& captures) const {
  Captures here;
  if (!match_backward(first_text_ + 1, anchor_, before, here)) return;
  if (!match_forward(anchor_ + 1, last_text_, after, here)) return;
  for (std::size_t i = first_text_; i <= last_text_; ++i) {
    const Element& element = elements_[i];
    if (element.named && (element.kind == Kind::text || captures[element.field] != here[element.field]))
      captures.set_ambiguous(element.field);
  }
}

std::size_t Pattern::match_begin(std::string_view line, Captures& captures) const {
  std::string_view rest = line;
  return match_forward(0, first_text_, rest, captures) ? line.size() - rest.size() : 0;
}

std::size_t Pattern::match_begin(std::string_view line, std::size_t from, std::span<const char*> ends) const {
  const char* const end = line.data() + line.size();
  for (std::size_t i = from; i < elements_.size(); ++i) {
    ends[i + 1] = end_of(elements_[i], ends[i], end);
    if (ends[i + 1] == nullptr) return i;
  }
  return elements_.size();
}

/// From the right: a literal and a run by turns, up to the text. Most runs are numbers: the digits are tried first.
/// They are the whole run if its literal is in front of them, because the byte before the part of the literal that
/// could belong to the run could not. Words are read that begin in the literal prefix, which is as long as one.
bool Pattern::match_after_prefix(std::string_view rest, Captures& captures) const {
  const char* const begin = rest.data();
  const char* end = begin + rest.size();
  if (!suffix_.is_between(begin, end)) return false;
  end -= suffix_.bytes;
  for (const RunAfterLiteral& run : runs_) {
    const char* at = end - digits_at_end(word_at(end - kWordBytes));
    if (at == end || !run.literal.is_between(begin, at)) {
      at = begin_of_run(*run.bytes, begin, end) + run.overlap;
      if (at >= end || !run.literal.is_between(begin, at)) return false;
    }
    if (run.named) captures.set(run.field, {at, end});
    end = at - run.literal.bytes;
  }
  const Element& text = elements_.data()[1];
  if (text.named) captures.set(text.field, {begin, end});
  return true;
}

bool Pattern::match(std::string_view line, Captures& captures) const {
  return line.starts_with(literal_prefix()) && line.ends_with(literal_suffix()) &&
         match_inside(line.substr(literal_prefix().size()), captures);
}

// From the right first, where patterns with the same first words differ. A literal separates both parts from the
// texts, so neither can take what belongs to the other.
bool Pattern::match_inside(std::string_view rest, Captures& captures, AnchorPositions* positions) const {
  if (text_after_prefix_) return match_after_prefix(rest, captures);
  if (!has_text()) return match_forward(after_prefix_, elements_.size(), rest, captures) && rest.empty();
  if (rest.size() < suffix_bytes_) return false;  // prefix and suffix would overlap
  rest.remove_suffix(suffix_bytes_);
  if (last_text_ + 1 < before_suffix_ && !match_backward(last_text_ + 1, before_suffix_, rest, captures))
    return false;
  if (after_prefix_ < first_text_ && !match_forward(after_prefix_, first_text_, rest, captures)) return false;
  if (first_text_ != last_text_) return match_between(rest, captures, positions);
  capture(elements_.data()[first_text_], rest, captures);
  return true;
}

}  // namespace mre
