// SPDX-License-Identifier: Apache-2.0
#include "tests/support/plain/plain_fields.h"

#include <algorithm>
#include <span>
#include <vector>

namespace mre::test {
namespace {

using Elements = std::span<const Pattern::Element>;

bool in_class(const Pattern::Element& run, char c) { return (*run.bytes)[static_cast<unsigned char>(c)]; }

void capture(const Pattern::Element& element, std::string_view text, PlainFields& fields) {
  if (element.named) fields.set(element.field, text);
}

/// Removes what the elements match from the front of the text.
bool match_front(Elements elements, std::string_view& text, PlainFields& fields) {
  for (const Pattern::Element& element : elements) {
    if (element.kind == Pattern::Kind::literal) {
      if (!text.starts_with(element.literal)) return false;
      text.remove_prefix(element.literal.size());
      continue;
    }
    std::size_t length = 0;
    while (length < text.size() && in_class(element, text[length])) ++length;
    if (length == 0) return false;
    capture(element, text.substr(0, length), fields);
    text.remove_prefix(length);
  }
  return true;
}

/// Removes what the elements match from the end of the text. A run leaves the bytes that the literal in front of
/// it must have.
bool match_back(Elements elements, std::string_view& text, PlainFields& fields) {
  for (std::size_t i = elements.size(); i-- > 0;) {
    const Pattern::Element& element = elements[i];
    if (element.kind == Pattern::Kind::literal) {
      if (!text.ends_with(element.literal)) return false;
      text.remove_suffix(element.literal.size());
      continue;
    }
    std::size_t length = 0;
    while (length < text.size() && in_class(element, text[text.size() - length - 1])) ++length;
    const std::string& words = elements[i - 1].literal;  // a text is followed by a literal
    std::size_t of_literal = 0;
    while (of_literal < words.size() && in_class(element, words[words.size() - of_literal - 1])) ++of_literal;
    if (length <= of_literal) return false;
    length -= of_literal;
    capture(element, text.substr(text.size() - length), fields);
    text.remove_suffix(length);
  }
  return true;
}

/// Between two texts: every position where the elements match is one reading.
bool match_between(Elements elements, std::size_t first, std::size_t last, std::string_view middle,
                   PlainFields& fields) {
  std::size_t anchor = first + 1;
  for (std::size_t i = anchor; i < last; ++i) {
    if (elements[i].literal.size() > elements[anchor].literal.size()) anchor = i;
  }
  const std::string& words = elements[anchor].literal;
  std::vector<PlainFields> readings;
  for (std::size_t at = 0; at + words.size() <= middle.size(); ++at) {
    if (middle.substr(at, words.size()) != words) continue;
    std::string_view before = middle.substr(0, at);
    std::string_view after = middle.substr(at + words.size());
    PlainFields reading;
    if (!match_back(elements.subspan(first + 1, anchor - first - 1), before, reading)) continue;
    if (!match_front(elements.subspan(anchor + 1, last - anchor - 1), after, reading)) continue;
    capture(elements[first], before, reading);
    capture(elements[last], after, reading);
    readings.push_back(reading);
  }
  for (std::size_t i = 1; i < readings.size(); ++i) readings[0].add_reading(readings[i]);
  if (readings.empty()) return false;
  // Even where both texts are the same, two readings are two positions.
  for (const std::size_t text : {first, last}) {
    if (readings.size() > 1 && elements[text].named) readings[0].set_ambiguous(elements[text].field);
  }
  fields.add(readings[0]);
  return true;
}

}  // namespace

PlainFields::PlainFields(const Captures& captures) {
  for (std::size_t i = 0; i < kFields; ++i) {
    const auto field = static_cast<Field>(i);
    if (captures.has(field)) set(field, captures[field]);
    if (captures.ambiguous(field)) set_ambiguous(field);
  }
}

bool PlainFields::any_ambiguous() const {
  return std::ranges::any_of(ambiguous_, [](const auto& one) { return !is_for_subject(one.first); });
}

void PlainFields::add(const PlainFields& around) {
  const auto present = texts_;
  texts_.insert(around.texts_.begin(), around.texts_.end());
  for (const auto& [field, unused] : around.ambiguous_) {
    if (!present.contains(field)) set_ambiguous(field);
  }
}

void PlainFields::add_reading(const PlainFields& other) {
  for (std::size_t i = 0; i < kFields; ++i) {
    const auto field = static_cast<Field>(i);
    const auto mine = texts_.find(field);
    const auto its = other.texts_.find(field);
    const bool is_same = (mine == texts_.end() && its == other.texts_.end()) ||
                         (mine != texts_.end() && its != other.texts_.end() && mine->second == its->second);
    if (!is_same || other.ambiguous(field)) set_ambiguous(field);
  }
}

bool plain_match(const Pattern& pattern, std::string_view line, PlainFields& fields) {
  const Elements elements = pattern.elements();
  const auto is_text = [](const Pattern::Element& element) { return element.kind == Pattern::Kind::text; };
  const auto first = static_cast<std::size_t>(std::ranges::find_if(elements, is_text) - elements.begin());
  fields = {};
  if (!match_front(elements.first(first), line, fields)) return false;
  if (first == elements.size()) return line.empty();
  std::size_t last = elements.size() - 1;
  while (!is_text(elements[last])) --last;
  if (!match_back(elements.subspan(last + 1), line, fields)) return false;
  if (first != last) return match_between(elements, first, last, line, fields);
  capture(elements[first], line, fields);
  return true;
}

std::size_t plain_match_begin(const Pattern& pattern, std::string_view line, PlainFields& fields) {
  std::string_view rest = line;
  return match_front(pattern.elements(), rest, fields) ? line.size() - rest.size() : 0;
}

}  // namespace mre::test
