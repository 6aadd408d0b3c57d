// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/frame/flow_key.h"

#include <bit>
#include <random>

#include "exporter/base/word_at.h"

namespace mre {
namespace {

/// SipHash with one round per word, three final rounds and 128 bits (Aumasson, Bernstein: SipHash, 2012; the
/// reference's siphash.c). The words have this machine's byte order, because the key never leaves the
/// process.
class SipHash {
 public:
  explicit SipHash(const std::array<std::uint64_t, 2>& secret)
      : v0_(secret[0] ^ 0x736F6D6570736575U),
        v1_(secret[1] ^ 0x646F72616E646F6DU ^ 0xEEU),
        v2_(secret[0] ^ 0x6C7967656E657261U),
        v3_(secret[1] ^ 0x7465646279746573U) {}

  void add(std::uint64_t word) {
    v3_ ^= word;
    round();
    v0_ ^= word;
  }

  FlowKey finish() {
    FlowKey key;
    v2_ ^= 0xEEU;
    key.low = half();
    v1_ ^= 0xDDU;
    key.high = half();
    return key;
  }

 private:
  std::uint64_t half() {
    for (int i = 0; i < 3; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

  void round() {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v1_;
    v0_ += v3_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace

FlowHash::FlowHash() {
  std::random_device random;
  for (std::uint64_t& word : secret_) word = std::uint64_t{random()} << 32U | random();
}

FlowKey FlowHash::operator()(const Endpoint& a, const Endpoint& b) const {
  const Endpoint& first = comes_first(a, b) ? a : b;
  const Endpoint& second = &first == &a ? b : a;
  const auto half = [](const Endpoint& end, std::size_t at) {
    return word_at(reinterpret_cast<const char*>(end.address.data()) + at);
  };
  SipHash hash(secret_);
  const bool is_long = (half(first, 0) | half(second, 0)) != 0;  // not so of IPv4
  if (is_long) {
    hash.add(half(first, 0));
    hash.add(half(second, 0));
  }
  hash.add(half(first, 8));
  hash.add(half(second, 8));
  hash.add(std::uint64_t{is_long} << 32U | std::uint64_t{first.port} << 16U | second.port);
  return hash.finish();
}

}  // namespace mre
