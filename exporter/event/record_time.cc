// SPDX-License-Identifier: Apache-2.0
#include "exporter/event/record_time.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>

#include "exporter/base/text.h"
#include "exporter/base/utc_text.h"

namespace mre {
namespace {

constexpr UnixMicros kSecond = 1'000'000;
constexpr UnixMicros kMinute = 60 * kSecond;
constexpr UnixMicros kHour = 60 * kMinute;
constexpr UnixMicros kDay = 24 * kHour;

/// How much of a line is searched: a time comes first, or in a member of a JSON object.
constexpr std::size_t kStartBytes = 96;
constexpr std::size_t kObjectBytes = 4096;

/// What a time without a zone is.
enum class NoZone : std::uint8_t { local, invalid };

/// Reads from the left of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  bool skip(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool skip_any(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == characters.npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// A number of exactly `digits` digits.
  bool number(std::size_t digits, int& out) {
    if (rest_.size() < digits || !std::all_of(rest_.begin(), rest_.begin() + digits, is_digit)) return false;
    std::from_chars(rest_.data(), rest_.data() + digits, out);
    rest_.remove_prefix(digits);
    return true;
  }
  std::string_view digits() {
    const auto* const end = std::ranges::find_if_not(rest_, is_digit);
    const std::string_view found(rest_.begin(), end);
    rest_.remove_prefix(found.size());
    return found;
  }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

/// ".123456789": microseconds; 0 if there is no fraction.
UnixMicros fraction(Cursor& in) {
  Cursor ahead = in;
  if (!ahead.skip_any(".,")) return 0;
  const std::string_view digits = ahead.digits();
  if (digits.empty()) return 0;
  in = ahead;
  UnixMicros micros = 0;
  for (std::size_t i = 0; i < 6; ++i) micros = micros * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return micros;
}

/// The offset of a zone in seconds: "Z", "+01:00", "-0330", " UTC". Nothing: none is given.
std::optional<long> zone(Cursor& in) {
  Cursor ahead = in;
  ahead.skip_any(" ");
  if (ahead.skip("UTC") || ahead.skip("GMT")) return 0;
  if (in.skip_any("Zz")) return 0;
  const bool east = ahead.skip_any("+");
  int hours = 0;
  int minutes = 0;
  if ((!east && !ahead.skip_any("-")) || !ahead.number(2, hours)) return {};
  ahead.skip_any(":");
  if (!ahead.number(2, minutes)) minutes = 0;
  const long seconds = (hours * 60L + minutes) * 60;
  return east ? seconds : -seconds;
}

/// Seconds since 1970 of a date, in the zone or else as `no_zone` says.
std::optional<UnixMicros> moment(std::tm date, UnixMicros micros, const std::optional<long>& offset,
                                 NoZone no_zone) {
  if (!offset && no_zone == NoZone::invalid) return {};
  if (date.tm_mon < 0 || date.tm_mon > 11 || date.tm_mday < 1 || date.tm_mday > 31 || date.tm_hour > 24 ||
      date.tm_min > 59 || date.tm_sec > 60)
    return {};
  date.tm_isdst = -1;
  const std::time_t seconds = offset ? ::timegm(&date) - *offset : ::mktime(&date);
  return static_cast<UnixMicros>(seconds) * kSecond + micros;
}

bool clock_time(Cursor& in, std::tm& date) {
  return in.number(2, date.tm_hour) && in.skip(":") && in.number(2, date.tm_min) && in.skip(":") &&
         in.number(2, date.tm_sec);
}

int month_of(std::string_view name) {
  constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t at = names.find(name);
  return name.size() == 3 && at != names.npos && at % 3 == 0 ? static_cast<int>(at / 3) : -1;
}

/// "2026-11-22T05:08:45.123+01:00", "2026/11/22 05:08:45,123".
std::optional<UnixMicros> iso_time(Cursor in, NoZone no_zone) {
  std::tm date{};
  if (!in.number(4, date.tm_year) || !in.skip_any("-/") || !in.number(2, date.tm_mon) || !in.skip_any("-/") ||
      !in.number(2, date.tm_mday) || !in.skip_any("T t_") || !clock_time(in, date))
    return {};
  date.tm_year -= 1900;
  date.tm_mon -= 1;
  const UnixMicros micros = fraction(in);
  return moment(date, micros, zone(in), no_zone);
}

/// "22/Nov/2026 04:59:25", "22/Nov/2026:04:59:25 +0100", "22-Nov-2026::04:59:25".
std::optional<UnixMicros> day_first_time(Cursor in, NoZone no_zone) {
  std::tm date{};
  if (!in.number(2, date.tm_mday) || !in.skip_any("/-")) return {};
  date.tm_mon = month_of(in.rest().substr(0, 3));
  if (date.tm_mon < 0) return {};
  in = Cursor(in.rest().substr(3));
  if (!in.skip_any("/-") || !in.number(4, date.tm_year) || !in.skip_any(" :")) return {};
  in.skip(":");
  if (!clock_time(in, date)) return {};
  date.tm_year -= 1900;
  const UnixMicros micros = fraction(in);
  return moment(date, micros, zone(in), no_zone);
}

/// "Nov 22 05:08:45", "Nov  2 05:08:45.123456": the latest such day that is not after `now`.
std::optional<UnixMicros> syslog_time(Cursor in, UnixMicros now) {
  std::tm date{};
  date.tm_mon = month_of(in.rest().substr(0, 3));
  if (date.tm_mon < 0) return {};
  in = Cursor(in.rest().substr(3));
  if (!in.skip(" ")) return {};
  const bool short_day = in.skip(" ");
  if (!in.number(short_day ? 1 : 2, date.tm_mday) || !in.skip(" ") || !clock_time(in, date)) return {};
  const UnixMicros micros = fraction(in);
  const auto seconds = static_cast<std::time_t>(now / kSecond);
  std::tm today{};
  ::localtime_r(&seconds, &today);
  date.tm_year = today.tm_year;
  const auto this_year = moment(date, micros, {}, NoZone::local);
  if (!this_year || *this_year <= now + kDay) return this_year;
  --date.tm_year;
  return moment(date, micros, {}, NoZone::local);
}

/// Seconds since 1970 in 10 digits, milliseconds in 13, microseconds in 16 or nanoseconds in 19.
std::optional<UnixMicros> unix_time(Cursor in) {
  const std::string_view digits = in.digits();
  UnixMicros value = 0;
  if (digits.empty() || digits.front() == '0' || digits.size() > 19) return {};
  if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc{}) return {};
  switch (digits.size()) {
    case 10:
      return value * kSecond + fraction(in);
    case 13:
      return value * 1000;
    case 16:
      return value;
    case 19:
      return value / 1000;
    default:
      return {};
  }
}

std::optional<UnixMicros> time_at(std::string_view text, UnixMicros now, NoZone no_zone) {
  if (is_digit(text.front())) {
    // A date has no digit in both places. Seconds since 1970 are what Mosquitto writes.
    if (text.size() > 4 && is_digit(text[2]) && is_digit(text[4])) return unix_time(Cursor(text));
    if (const auto time = iso_time(Cursor(text), no_zone)) return time;
    if (const auto time = day_first_time(Cursor(text), no_zone)) return time;
    return unix_time(Cursor(text));
  }
  return is_letter(text.front()) && no_zone == NoZone::local ? syslog_time(Cursor(text), now) : std::nullopt;
}

/// The first time in a text.
std::optional<UnixMicros> find_time(std::string_view text, UnixMicros now, NoZone no_zone) {
  const auto is_part = [](char c) { return is_digit(c) || is_letter(c); };
  for (std::size_t i = 0; i < std::min(text.size(), kStartBytes); ++i) {
    if (!is_part(text[i]) || (i > 0 && is_part(text[i - 1]))) continue;  // only where a word begins
    if (const auto time = time_at(text.substr(i), now, no_zone)) return time;
  }
  return {};
}

/// The value of a member of a JSON object itself, not of one in it; empty if there is none. Without quotes and spaces in front.
std::string_view member_of(std::string_view object, std::string_view name) {
  int depth = 0;
  for (std::size_t i = 0; i < object.size(); ++i) {
    if (object[i] == '{' || object[i] == '[') ++depth;
    if (object[i] == '}' || object[i] == ']') --depth;
    if (object[i] != '"') continue;
    const std::size_t begin = ++i;
    while (i < object.size() && object[i] != '"') i += object[i] == '\\' ? 2U : 1U;
    if (i >= object.size()) return {};
    if (depth != 1 || object.substr(begin, i - begin) != name) continue;
    const std::size_t colon = object.find_first_not_of(' ', i + 1);
    if (colon == object.npos || object[colon] != ':') continue;
    const std::size_t value = object.find_first_not_of(" \"", colon + 1);
    return value == object.npos ? std::string_view() : object.substr(value);
  }
  return {};
}

/// The time of a JSON object: a member that brokers and collectors name so.
std::optional<UnixMicros> object_time(std::string_view text, UnixMicros now, NoZone no_zone) {
  constexpr std::string_view kMembers[] = {
      "time", "timestamp", "@timestamp", "ts", "__REALTIME_TIMESTAMP", "event_time", "date"};
  for (const std::string_view name : kMembers) {
    const std::string_view value = member_of(text.substr(0, kObjectBytes), name);
    if (value.empty()) continue;
    if (const auto time = time_at(value, now, no_zone)) return time;
  }
  return {};
}

/// "15m": how long that is; nothing if the text is not a duration.
std::optional<UnixMicros> duration(std::string_view text) {
  constexpr std::array<std::pair<char, UnixMicros>, 4> kUnits = {
      {{'s', kSecond}, {'m', kMinute}, {'h', kHour}, {'d', kDay}}};
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || count < 0 || end + 1 != text.data() + text.size()) return {};
  const auto unit = std::ranges::find(kUnits, *end, &std::pair<char, UnixMicros>::first);
  return unit == kUnits.end() ? std::nullopt : std::optional(count * unit->second);
}

}  // namespace

std::optional<UnixMicros> time_of(const Record& record, UnixMicros now) {
  if (record.time_us != 0) return record.time_us;
  const std::string_view text = record.payload;
  if (text.starts_with('{')) {
    if (const auto time = object_time(text, now, NoZone::local)) return time;
  }
  return find_time(text, now, NoZone::local);
}

std::optional<UnixMicros> certain_time_of(std::string_view head, UnixMicros now) {
  const auto time =
      head.starts_with('{') ? object_time(head, now, NoZone::invalid) : find_time(head, now, NoZone::invalid);
  return time && *time <= now + kMinute ? time : std::nullopt;
}

Result<UnixMicros> parse_moment(std::string_view text, UnixMicros now) {
  if (const auto ago = duration(text)) return now - *ago;
  const std::string zeros(text);
  for (const std::string& complete : {zeros, zeros + ":00", zeros + " 00:00:00"}) {
    if (const auto time = complete.empty() || !is_digit(complete.front())
                              ? std::nullopt
                              : time_at(complete, now, NoZone::local))
      return *time;
  }
  return fail(
      Errc::invalid_config,
      "\"" + printable(text) +
          "\" is not a time: write one such as 2026-11-22T05:08:45Z, \"2026-11-22 05:08\", 2026-11-22, "
          "or how long ago, such as 15m, 2h or 7d");
}

std::string to_text(UnixMicros time) { return utc_text(time / 1000); }

UnixMicros now_micros() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace mre
