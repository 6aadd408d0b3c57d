// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/backoff.h"

#include <algorithm>
#include <random>
#include <utility>

namespace mre {
namespace {

constexpr int kRestartFactor = 16;
constexpr Backoff::Delay kMaxAfterSilence{3'000};

Backoff::Delay share(Backoff::Delay whole, double part) {
  return Backoff::Delay(static_cast<Backoff::Delay::rep>(static_cast<double>(whole.count()) * part));
}

}  // namespace

Backoff::Backoff(Delay min, Delay max, Random random)
    : min_(min), max_(max), ceiling_(min), random_(std::move(random)) {}

Backoff::Delay Backoff::next() {
  const Delay delay = share(ceiling_, random_());
  ceiling_ = ceiling_ > max_ / 2 ? max_ : ceiling_ * 2;
  return delay;
}

Backoff::Delay Backoff::after_refusal() {
  ceiling_ = max_;
  return max_ / 2 + share(max_ - max_ / 2, random_());
}

Backoff::Delay Backoff::after_restart() {
  ceiling_ = std::max(ceiling_, min_ > max_ / kRestartFactor ? max_ : min_ * kRestartFactor);
  return next();
}

Backoff::Delay Backoff::after_silence() {
  ceiling_ = std::min(ceiling_, kMaxAfterSilence);
  return next();
}

Backoff::Random Backoff::seeded_random() {
  return [engine = std::mt19937_64(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
  };
}

}  // namespace mre
