// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>

namespace mre {

/// The bytes at `text` as a number, in the byte order of the machine: so many bytes as `Word` has.
template <class Word = std::uint64_t>
std::uint64_t word_at(const char* text) {
  Word word = 0;
  std::memcpy(&word, text, sizeof word);
  return word;
}

}  // namespace mre
