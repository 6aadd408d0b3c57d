// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/values.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr std::size_t kMaxNameBytes = 64;

tl::unexpected<Error> refuse(std::string_view text, std::string_view what_to_write) {
  return fail(Errc::invalid_config, "\"" + printable(text) + "\" is not " + std::string(what_to_write));
}

template <class T>
Result<void> read_number(std::string_view text, T& out) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || std::cmp_less(value, 0)) {
    return refuse(text, "a whole number from 0 to " + std::to_string(std::numeric_limits<T>::max()));
  }
  out = value;
  return {};
}

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr Unit kUnits[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
constexpr std::int64_t kMaxDuration = std::int64_t{366} * 24 * 3'600'000;

}  // namespace

Result<void> read_value(std::string_view text, std::string& out) {
  if (text.find('\0') != std::string_view::npos) return refuse(text, "a valid text: it contains U+0000");
  out = text;
  return {};
}

Result<void> read_value(std::string_view text, bool& out) {
  if (text != "true" && text != "false") return refuse(text, "a boolean: use true or false");
  out = text == "true";
  return {};
}

Result<void> read_value(std::string_view text, int& out) { return read_number(text, out); }
Result<void> read_value(std::string_view text, std::uint16_t& out) { return read_number(text, out); }
Result<void> read_value(std::string_view text, std::uint32_t& out) { return read_number(text, out); }
Result<void> read_value(std::string_view text, std::uint64_t& out) { return read_number(text, out); }

Result<void> read_value(std::string_view text, std::chrono::milliseconds& out) {
  std::int64_t count = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto row = std::ranges::find(kUnits, unit, &Unit::name);
  if (error != std::errc{} || count < 0 || row == std::end(kUnits) ||
      count > kMaxDuration / row->milliseconds) {
    return refuse(text, "a duration: use a whole number with a unit (ms, s, m or h), such as 30s");
  }
  out = std::chrono::milliseconds(count * row->milliseconds);
  return {};
}

Result<void> read_value(std::string_view text, std::chrono::seconds& out) {
  std::chrono::milliseconds value{};
  if (auto read = read_value(text, value); !read) return read;
  if (value % std::chrono::seconds(1) != std::chrono::milliseconds(0))
    return refuse(text, "a number of whole seconds");
  out = std::chrono::duration_cast<std::chrono::seconds>(value);
  return {};
}

std::string write_value(const std::string& value) { return value; }
std::string write_value(bool value) { return value ? "true" : "false"; }

std::string write_value(std::chrono::milliseconds value) {
  if (value.count() == 0) return "0s";
  const auto* row =
      std::ranges::find_if(kUnits, [&](const Unit& u) { return value.count() % u.milliseconds == 0; });
  return std::to_string(value.count() / row->milliseconds) + std::string(row->name);
}

Result<void> check_name(std::string_view name) {
  constexpr std::string_view kAllowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  if (!name.empty() && name.size() <= kMaxNameBytes &&
      name.find_first_not_of(kAllowed) == std::string_view::npos) {
    return {};
  }
  return refuse(name, "a valid name: use 1 to 64 of the characters A-Z a-z 0-9 _ . -");
}

}  // namespace mre
