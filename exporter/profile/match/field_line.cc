// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/match/field_line.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "exporter/base/text.h"
#include "exporter/base/word_at.h"

namespace mre {
namespace {

constexpr auto kInKey = [] {
  std::array<bool, 256> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = static_cast<char>(i);
    bytes[i] = is_letter(c) || is_digit(c) || c == '_' || c == '@';
  }
  return bytes;
}();

constexpr bool begins_key(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

std::size_t key_length(std::string_view text) {
  if (text.empty() || !begins_key(text.front())) return 0;
  const char* const end = text.data() + text.size();
  const char* at = text.data() + 1;
  while (at != end && kInKey[static_cast<unsigned char>(*at)]) ++at;
  return end - at >= 2 && at[0] == ':' && at[1] == ' ' ? static_cast<std::size_t>(at - text.data()) : 0;
}

// A key of up to eight bytes is completely in the word, in parts that may overlap.
FieldLine::Key::Key(std::string_view key) : text(key) {
  const char* const begin = key.data();
  const std::size_t size = key.size();
  if (size >= 8) {
    word = word_at<std::uint64_t>(begin);
  } else if (size >= 4) {
    word = word_at<std::uint32_t>(begin) << 32U | word_at<std::uint32_t>(begin + size - 4);
  } else {
    word = size == 0 ? 0
                     : word_at<std::uint8_t>(begin) << 16U | word_at<std::uint8_t>(begin + size / 2) << 8U |
                           word_at<std::uint8_t>(begin + size - 1);
  }
}

bool FieldLine::is_first(const Key& key) const {
  return std::find(first_.begin(), first_.end(), key) != first_.end();
}

void FieldLine::scan(std::string_view text, std::span<const std::string> first) {
  members_.clear();
  if (first.size() != first_.size() || (!first.empty() && first.front().data() != first_.front().text.data()))
    first_ = {first.begin(), first.end()};
  const char* at = text.data();
  const char* const end = at + text.size();
  std::size_t key = key_length(text);
  while (key > 0) {
    const char* const value = at + key + 2;
    // The value ends where ", " and another key follow.
    const char* comma = value;
    std::size_t next_key = 0;
    while ((comma = static_cast<const char*>(
                std::memchr(comma, ',', static_cast<std::size_t>(end - comma)))) != nullptr) {
      if (end - comma > 2 && comma[1] == ' ' && begins_key(comma[2])) next_key = key_length({comma + 2, end});
      if (next_key > 0) break;
      ++comma;
    }
    members_.push_back({Key({at, key}), {value, comma == nullptr ? end : comma}});
    at = comma == nullptr ? end : comma + 2;
    key = next_key;
  }
  in_order_ = 0;
  while (in_order_ < members_.size() && is_first(members_[in_order_].key)) ++in_order_;
}

bool FieldLine::is_plain() const {
  constexpr std::size_t max_members = 32;  // every key is compared with every other
  if (members_.size() > max_members) return false;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const Key& key = members_[i].key;
    const bool is_last = i + 1 == members_.size();  // EMQX 5.0 to 5.5 writes its tag there
    if (i >= in_order_ && !is_last && is_first(key)) return false;
    if (std::any_of(members_.begin(), members_.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const KeyValue& earlier) { return earlier.key == key; }))
      return false;
  }
  return true;
}

bool FieldLine::read(std::span<const Member> wanted, Captures& captures) const {
  captures.clear();
  const auto is_wanted = [&](const Key& key) {
    return std::ranges::any_of(
        wanted, [&](const auto& one) { return !is_for_subject(one.field) && Key(one.name) == key; });
  };
  bool is_clear = true;
  for (const Member& one : wanted) {
    const Field field = one.field;
    const Key key(one.name);
    bool seen = false;
    for (const KeyValue& member : members_) {
      if (!(member.key == key)) continue;
      const auto number = static_cast<std::size_t>(&member - members_.data());
      const bool is_trusted = !seen && (number <= in_order_ || !is_first(key));
      if (is_for_subject(field) && (captures.ambiguous(Field::client) || !is_plain()))
        captures.set_ambiguous(field);
      is_clear = is_clear && (is_trusted || is_for_subject(field));
      seen = true;
      captures.set(field, member.value);
      const std::size_t next = number + 1;
      if (field == Field::client && next >= in_order_ && next < members_.size() &&
          !is_wanted(members_[next].key) && !is_first(members_[next].key))
        captures.set_ambiguous(field);
    }
  }
  return is_clear;
}

}  // namespace mre
