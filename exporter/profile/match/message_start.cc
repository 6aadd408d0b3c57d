// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/message_start.h"

#include <algorithm>

#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr std::size_t kMaxBytes = 64;

constexpr bool may_be_in_time_stamp(char c) {
  return is_digit(c) || is_letter(c) || c == ' ' || c == ':' || c == '.' || c == ',' || c == '-' ||
         c == '+' || c == '/' || c == '[' || c == ']';
}

constexpr std::string_view kDaysAndMonths[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
                                               "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
                                               "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

// A clock begins with a number, a bracket, or the name of a day or month.
bool may_begin_time_stamp(std::string_view words) {
  if (words.empty()) return true;
  if (is_digit(words.front()) || words.front() == '[') return true;
  if (words.size() > 3 && is_letter(words[3])) return false;
  const std::string_view name = words.substr(0, 3);
  return std::ranges::any_of(kDaysAndMonths, [&](std::string_view known) { return known.starts_with(name); });
}

std::size_t length_of_other_time_stamp(std::string_view line) {
  if (!may_begin_time_stamp(line)) return 0;
  std::size_t digits = 0;
  const std::size_t end = std::min(line.size(), kMaxBytes);
  for (std::size_t i = 0; i < end; ++i) {
    const char c = line[i];
    if (c == ':' && i + 1 < line.size() && line[i + 1] == ' ')
      return digits >= 4 || (digits > 0 && digits == i) ? i + 2 : 0;
    if (!may_be_in_time_stamp(c)) return 0;
    digits += is_digit(c) ? 1U : 0U;
  }
  return 0;
}

std::size_t RepeatedTimeStamp::length_of_other(std::string_view text) {
  const std::size_t length = time_stamp_length(text);
  if (length < kWord || length > stamp_.size()) return length;
  size_ = length;
  first_ = word_at(text.data());
  last_ = word_at(text.data() + length - kWord);
  text.copy(stamp_.data(), length);
  return length;
}

}  // namespace mre
