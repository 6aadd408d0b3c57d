// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "exporter/base/word_at.h"

namespace mre {

inline constexpr std::size_t kSecondsBytes = 12;

/// Whether a line begins with "1795322239: ", ten digits until the year 2286: what Mosquitto writes by
/// default.
inline bool begins_with_seconds(std::string_view line) {
  // Checks ten digits as two overlapping words of eight bytes. A digit is 0x30 to 0x39: its upper half is 3,
  // and still is after adding six.
  if (line.size() <= 12 || line[10] != ':' || line[11] != ' ') return false;
  constexpr std::uint64_t front = 0xF0F0F0F0F0F0F0F0;
  constexpr std::uint64_t threes = 0x3030303030303030;
  constexpr std::uint64_t sixes = 0x0606060606060606;
  const std::uint64_t a = word_at(line.data());
  const std::uint64_t b = word_at(line.data() + 2);
  return (((a ^ threes) | ((a + sixes) ^ threes) | (b ^ threes) | ((b + sixes) ^ threes)) & front) == 0;
}

/// The length of any other time stamp; see time_stamp_length.
std::size_t length_of_other_time_stamp(std::string_view line);

/// The length of the time stamp in front of the message of a log line; 0 if there is none.
///
/// A time stamp is what a broker writes in front of ": ": seconds ("1795322239: "), ISO 8601, or any strftime
/// form with at least four digits ("22/Nov/2026 04:59:25: ", "[2026-11-22 04:59:26+0000]: "), at most 64
/// bytes. Only text up to the first ": " is examined, so that a client's text is never mistaken for the
/// message.
inline std::size_t time_stamp_length(std::string_view line) {
  return begins_with_seconds(line) ? kSecondsBytes : length_of_other_time_stamp(line);
}

/// Whether a line that begins with these words may begin with a time stamp.
bool may_begin_time_stamp(std::string_view words);

/// time_stamp_length for the lines of a log, many of which have the same time stamp as the line before: 10
/// instructions instead of 21 for seconds, and of 300 for other forms. One thread.
class RepeatedTimeStamp {
 public:
  /// `text` begins with the line and may continue with others: a time stamp has no line end.
  std::size_t length(std::string_view text) {
    if (text.size() > size_ && word_at(text.data()) == first_ &&
        word_at(text.data() + size_ - kWord) == last_ &&
        (size_ <= 2 * kWord || std::memcmp(text.data(), stamp_.data(), size_) == 0)) [[likely]]
      return size_;
    return length_of_other(text);
  }

 private:
  static constexpr std::size_t kWord = sizeof(std::uint64_t);
  static constexpr std::size_t kMaxBytes = 72;

  std::size_t length_of_other(std::string_view text);

  std::size_t size_ = SIZE_MAX;  // of the last one with at least 8 bytes; SIZE_MAX: there is none
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  std::array<char, kMaxBytes> stamp_{};
};

}  // namespace mre
