#include "exporter/profile/field_line.h"

#include <algorithm>
#include <cstdint>

#include "exporter/base/text.h"

namespace mre {
namespace {

constexpr bool in_key(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '@'; }

struct Member {
  std::string_view key;
  std::string_view value;
};

/// Takes the first member off `text`, which begins with a key.
Member take_member(std::string_view& text) {
  Member member;
  member.key = text.substr(0, key_length(text));
  text.remove_prefix(member.key.size() + 2);
  std::size_t end = text.find(", ");
  while (end != std::string_view::npos && key_length(text.substr(end + 2)) == 0)
    end = text.find(", ", end + 2);
  member.value = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  return member;
}

}  // namespace

std::size_t key_length(std::string_view text) {
  if (text.empty() || text.front() < 'a' || text.front() > 'z') return 0;
  const auto end = static_cast<std::size_t>(std::ranges::find_if_not(text, in_key) - text.begin());
  return text.substr(end).starts_with(": ") ? end : 0;
}

bool read_fields(std::string_view text, std::span<const std::pair<Field, std::string>> wanted,
                 std::span<const std::string> first, Captures& captures) {
  captures.clear();
  std::uint64_t seen = 0;
  bool in_order = true;  // no key but those of `first` until here
  bool is_clear = true;
  bool after_client = false;
  while (key_length(text) > 0) {
    const Member member = take_member(text);
    const bool is_first = std::ranges::find(first, member.key) != first.end();
    bool is_wanted = false;
    bool is_client = false;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const auto& [field, key] = wanted[i];
      if (key != member.key) continue;
      const std::uint64_t bit = std::uint64_t{1} << i;
      is_clear = is_clear && (seen & bit) == 0 && (!is_first || in_order);
      seen |= bit;
      is_wanted = true;
      is_client = is_client || field == Field::client;
      captures.set(field, member.value);
    }
    if (after_client && !is_wanted && !is_first) captures.set_ambiguous(Field::client);
    after_client = is_client;
    in_order = in_order && is_first;
  }
  return is_clear;
}

}  // namespace mre
