// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "exporter/profile/case.h"
#include "exporter/profile/match/pattern.h"

namespace mre {

/// The cases of a rule by the text of one field, {why} or {event}, whichever more of them list. A rule lists up to 90
/// texts in up to 72 cases; the few cases that a record may be of are found by a binary search.
class CaseTable {
 public:
  CaseTable() = default;
  explicit CaseTable(std::span<const Case> cases);

  Field field() const { return field_; }
  /// The indices of the cases that list the text of the field or no text, in the order of the rule. A field that is
  /// absent or ambiguous is none of the texts.
  std::span<const std::uint16_t> find(const Captures& captures) const {
    return rows_.empty() || !captures.has(field_) ? other_ : find(captures[field_]);
  }

 private:
  std::span<const std::uint16_t> find(std::string_view text) const;

  struct Row {
    std::string text;
    std::vector<std::uint16_t> cases;
  };

  Field field_ = Field::why;
  std::vector<Row> rows_;             // by the length of the text, then by the text
  std::vector<std::uint16_t> other_;  // the cases for any other text
};

}  // namespace mre
