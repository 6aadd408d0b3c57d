// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "exporter/profile/match/pattern.h"

namespace mre::test {

/// The fields that were read from one record, as texts of their own.
class PlainFields {
 public:
  PlainFields() = default;
  explicit PlainFields(const Captures& captures);

  bool has(Field field) const { return texts_.contains(field) && !ambiguous(field); }
  bool ambiguous(Field field) const { return ambiguous_.contains(field); }
  bool any_ambiguous() const;
  bool empty() const { return texts_.empty(); }
  /// Its text; empty if the record does not have it, or if it is ambiguous.
  std::string text(Field field) const { return has(field) ? texts_.at(field) : std::string(); }

  void set(Field field, std::string_view text) { texts_[field] = text; }
  void set_ambiguous(Field field) { ambiguous_[field] = true; }
  /// Adds the fields that are not here.
  void add(const PlainFields& around);
  /// The record can also be read as `other`.
  void add_reading(const PlainFields& other);

 private:
  std::map<Field, std::string> texts_;
  std::map<Field, bool> ambiguous_;
};

/// Whether the whole line matches the elements of the pattern, and its fields.
bool plain_match(const Pattern& pattern, std::string_view line, PlainFields& fields);

/// The length of what matches a pattern without texts at the beginning of the line; 0 if nothing does.
std::size_t plain_match_begin(const Pattern& pattern, std::string_view line, PlainFields& fields);

}  // namespace mre::test
