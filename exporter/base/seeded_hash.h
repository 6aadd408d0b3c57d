// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string_view>

#include "exporter/base/word_at.h"

namespace mre {

constexpr std::uint64_t mix_bits(std::uint64_t x) {  // the finaliser of splitmix64
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

inline std::uint64_t random_seed() {
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

/// A hash of texts that clients choose, who do not know the seed. Never 0.
inline std::uint64_t seeded_hash(std::uint64_t seed, std::string_view text) {
  std::uint64_t h = seed ^ text.size();
  const char* at = text.data();
  const char* const end = at + text.size();
  for (; end - at >= 8; at += 8) h = mix_bits(h ^ word_at(at));
  std::uint64_t rest = 0;  // the bytes that are left, the first one the highest
  if (text.size() < 8) {
    for (; at != end; ++at) rest = rest << 8U | static_cast<unsigned char>(*at);
  } else if (at != end) {
    const auto bits = static_cast<unsigned>(end - at) * 8U;
    rest = __builtin_bswap64(word_at(end - 8)) & ((std::uint64_t{1} << bits) - 1);
  }
  h = mix_bits(h ^ rest ^ seed);
  return h == 0 ? 1 : h;
}

}  // namespace mre
