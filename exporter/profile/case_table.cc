// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/case_table.h"

#include <algorithm>
#include <string_view>

namespace mre {
namespace {

struct ByLength {
  bool operator()(std::string_view a, std::string_view b) const {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  }
};

}  // namespace

CaseTable::CaseTable(std::span<const Case> cases) {
  const auto listing = [&](std::vector<std::string> When::* texts) {
    return std::ranges::count_if(cases, [&](const Case& one) { return !(one.when.*texts).empty(); });
  };
  const bool is_event = listing(&When::event) > listing(&When::why);
  field_ = is_event ? Field::event : Field::why;
  const auto texts_of = [&](const Case& one) -> auto& { return is_event ? one.when.event : one.when.why; };
  for (const Case& one : cases) {
    for (const std::string& text : texts_of(one)) rows_.push_back({text, {}});
  }
  std::ranges::sort(rows_, ByLength(), &Row::text);
  const auto repeated = std::ranges::unique(rows_, {}, &Row::text);
  rows_.erase(repeated.begin(), repeated.end());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto number = static_cast<std::uint16_t>(i);
    const auto& texts = texts_of(cases[i]);
    if (texts.empty()) other_.push_back(number);
    for (Row& row : rows_) {
      if (texts.empty() || std::ranges::find(texts, row.text) != texts.end()) row.cases.push_back(number);
    }
  }
}

std::span<const std::uint16_t> CaseTable::find(std::string_view text) const {
  const auto row = std::ranges::lower_bound(rows_, text, ByLength(), &Row::text);
  return row != rows_.end() && row->text == text ? row->cases : other_;
}

}  // namespace mre
