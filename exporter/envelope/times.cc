// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/times.h"

#include <array>

#include "exporter/envelope/months.h"

namespace mre {
namespace {

/// What `take` consumes, or nothing.
bool attempt(Words& words, auto take) {
  Words tried = words;
  if (!take(tried)) return false;
  words = tried;
  return true;
}

/// A point and digits. True as well if there is no point.
bool take_fraction(Words& words) { return !words.take(".") || !words.take_while(is_digit).empty(); }

bool take_offset(Words& words) {
  if (words.take("Z")) return true;
  return (words.take("+") || words.take("-")) && (words.take_shape("99:99") || words.take_shape("9999"));
}

bool take_weekday(Words& words) {
  constexpr std::array<std::string_view, 7> kDays = {"Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "};
  return std::ranges::any_of(kDays, [&](std::string_view day) { return words.take(day); });
}

/// "UTC", "CET", "+03": what strftime's %Z writes.
bool take_zone_name(Words& words) {
  return !words.take_while([](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-'; })
              .empty();
}

/// "2026-11-22 05:08:45", after a weekday with the name of a zone.
bool take_date_and_time(Words& words) {
  const bool has_zone = take_weekday(words);
  if (!words.take_shape("9999-99-99 99:99:99") || !take_fraction(words)) return false;
  return !has_zone || (words.take(" ") && take_zone_name(words));
}

/// "Nov 22 05:08:45", a year before the time or at the end, the day in two digits or after two spaces.
bool take_month_time(Words& words) {
  take_weekday(words);
  words.take(" ");  // " 1月"
  const std::size_t month = month_length(words.rest());
  if (month == 0) return false;
  words.skip(month);
  if (!words.take_shape(" 99 ") && !words.take_shape("  9 ")) return false;
  words.take_shape("9999 ");
  if (!words.take_shape("99:99:99") || !take_fraction(words)) return false;
  attempt(words, [](Words& rest) { return rest.take_shape(" 9999") && rest.rest().starts_with(' '); });
  return true;
}

/// "1795324125.860015"
bool take_unix_time(Words& words) { return words.take_shape("9999999999.999999"); }

/// Spaces, seconds, microseconds.
bool take_seconds(Words& words) {
  words.take_while([](char c) { return c == ' '; });
  return !words.take_while(is_digit).empty() && words.take_shape(".999999");
}

/// "[   12.345678]", "[   12.345678 <    0.000012 >]", and 16 spaces in its first line.
bool take_monotonic_time(Words& words) {
  if (!words.take("[") || !take_seconds(words)) return false;
  if (words.take(" <")) {
    if (!take_seconds(words)) return false;
    if (!words.take(" ")) words.take("*");
    return words.take(">]");
  }
  words.take("                ");
  return words.take("]");
}

}  // namespace

bool take_time(Words& words) {
  return words.take_shape("9999-99-99T99:99:99") && take_fraction(words) && take_offset(words);
}

bool take_nanosecond_time(Words& words) {
  return words.take_shape("9999-99-99T99:99:99.999999999") && take_offset(words);
}

bool take_syslog_time(Words& words) {
  return attempt(words, take_month_time) || attempt(words, take_time) || attempt(words, take_date_and_time) ||
         attempt(words, take_unix_time) || attempt(words, take_monotonic_time);
}

}  // namespace mre
