// SPDX-License-Identifier: Apache-2.0
#include "exporter/envelope/times.h"

#include <array>

#include "exporter/envelope/months.h"

namespace mre {
namespace {

/// Consumes what `consume` does if it succeeds, otherwise nothing.
bool attempt(TextCursor& cursor, auto consume) {
  TextCursor tried = cursor;
  if (!consume(tried)) return false;
  cursor = tried;
  return true;
}

/// A point and digits. Also true if there is no point.
bool consume_fraction(TextCursor& cursor) {
  return !cursor.consume(".") || !cursor.consume_while(is_digit).empty();
}

bool consume_offset(TextCursor& cursor) {
  if (cursor.consume("Z")) return true;
  return (cursor.consume("+") || cursor.consume("-")) &&
         (cursor.consume_shape("99:99") || cursor.consume_shape("9999"));
}

bool consume_weekday(TextCursor& cursor) {
  constexpr std::array<std::string_view, 7> kDays = {"Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat ", "Sun "};
  return std::ranges::any_of(kDays, [&](std::string_view day) { return cursor.consume(day); });
}

/// "UTC", "CET", "+03": what strftime's %Z writes.
bool consume_zone_name(TextCursor& cursor) {
  return !cursor.consume_while([](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-'; })
              .empty();
}

/// "2026-11-22 05:08:45", after a weekday with the name of a zone.
bool consume_date_and_time(TextCursor& cursor) {
  const bool has_zone = consume_weekday(cursor);
  if (!cursor.consume_shape("9999-99-99 99:99:99") || !consume_fraction(cursor)) return false;
  return !has_zone || (cursor.consume(" ") && consume_zone_name(cursor));
}

/// "Nov 22 05:08:45", a year before the time or at the end, the day in two digits or after two spaces.
bool consume_month_time(TextCursor& cursor) {
  consume_weekday(cursor);
  cursor.consume(" ");  // " 1月"
  const std::size_t month = month_length(cursor.rest());
  if (month == 0) return false;
  cursor.skip(month);
  if (!cursor.consume_shape(" 99 ") && !cursor.consume_shape("  9 ")) return false;
  cursor.consume_shape("9999 ");
  if (!cursor.consume_shape("99:99:99") || !consume_fraction(cursor)) return false;
  attempt(cursor,
          [](TextCursor& rest) { return rest.consume_shape(" 9999") && rest.rest().starts_with(' '); });
  return true;
}

/// "1795324125.860015"
bool consume_unix_time(TextCursor& cursor) { return cursor.consume_shape("9999999999.999999"); }

/// Spaces, seconds, microseconds.
bool consume_seconds(TextCursor& cursor) {
  cursor.consume_while([](char c) { return c == ' '; });
  return !cursor.consume_while(is_digit).empty() && cursor.consume_shape(".999999");
}

/// "[   12.345678]", "[   12.345678 <    0.000012 >]", and 16 spaces in its first line.
bool consume_monotonic_time(TextCursor& cursor) {
  if (!cursor.consume("[") || !consume_seconds(cursor)) return false;
  if (cursor.consume(" <")) {
    if (!consume_seconds(cursor)) return false;
    if (!cursor.consume(" ")) cursor.consume("*");
    return cursor.consume(">]");
  }
  cursor.consume("                ");
  return cursor.consume("]");
}

}  // namespace

bool consume_time(TextCursor& cursor) {
  return cursor.consume_shape("9999-99-99T99:99:99") && consume_fraction(cursor) && consume_offset(cursor);
}

bool consume_nanosecond_time(TextCursor& cursor) {
  return cursor.consume_shape("9999-99-99T99:99:99.999999999") && consume_offset(cursor);
}

bool consume_syslog_time(TextCursor& cursor) {
  return attempt(cursor, consume_month_time) || attempt(cursor, consume_time) ||
         attempt(cursor, consume_date_and_time) || attempt(cursor, consume_unix_time) ||
         attempt(cursor, consume_monotonic_time);
}

}  // namespace mre
