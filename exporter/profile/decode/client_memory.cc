// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/client_memory.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace mre {

ClientMemory::ClientMemory(std::size_t capacity)
    : seed_(random_seed()),
      mask_(std::bit_ceil(std::max<std::size_t>(capacity, kWays)) / kWays - 1),
      buckets_(mask_ + 1),
      with_connected_(mask_ / 64 + 1) {}

/// Eviction order: free entries, then ended clients, then the least recently used one.
std::size_t ClientMemory::Bucket::eviction_candidate(std::uint32_t now) const {
  const auto rank = [&](const Entry& e) {
    return std::pair(static_cast<int>(e.state == ClientState::connected) + static_cast<int>(e.hash != 0),
                     static_cast<std::int64_t>(0) - static_cast<std::int64_t>(now - e.used));
  };
  return static_cast<std::size_t>(std::ranges::min_element(entries, {}, rank) - entries.begin());
}

mqtt::Protocol ClientMemory::Entry::announced_protocol() const {
  if (!std::has_single_bit(announced)) return mqtt::Protocol::unknown;
  return static_cast<mqtt::Protocol>(std::countr_zero(announced));
}

// Returns the index of the client's entry, which is created if needed.
std::size_t ClientMemory::claim(Bucket& bucket, std::uint64_t client) {
  std::size_t i = bucket.find(client);
  if (i == kWays) {
    i = bucket.eviction_candidate(clock_);
    if (bucket.entries[i].state == ClientState::connected) --connected_, ++forgotten_;
    bucket.entries[i] = Entry{.hash = client};
    bucket.peers[i] = 0;
  }
  bucket.entries[i].used = ++clock_;
  return i;
}

void ClientMemory::announce(std::uint64_t client, mqtt::Protocol protocol) {
  Bucket& bucket = bucket_of(client);
  Entry& entry = bucket.entries[claim(bucket, client)];
  entry.announced |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(protocol));
}

void ClientMemory::answer(std::uint64_t client, bool accepted) {
  Bucket& bucket = bucket_of(client);
  Entry& entry = bucket.entries[claim(bucket, client)];
  entry.announced = 0;
  if (!accepted && entry.state != ClientState::connected) entry.state = ClientState::refused;
}

void ClientMemory::connect(std::uint64_t client, mqtt::Protocol protocol, std::uint64_t peer) {
  Bucket& bucket = bucket_of(client);
  const std::size_t i = claim(bucket, client);
  Entry& entry = bucket.entries[i];
  if (entry.state != ClientState::connected) count_connected(client);
  entry.protocol = protocol;
  entry.state = ClientState::connected;
  bucket.peers[i] = peer;
}

void ClientMemory::end(std::uint64_t client, std::uint64_t peer) {
  Bucket& bucket = bucket_of(client);
  const std::size_t i = bucket.find(client);
  if (i == kWays || bucket.entries[i].state != ClientState::connected) return;
  if (peer != 0 && bucket.peers[i] != 0 && peer != bucket.peers[i]) return;
  bucket.entries[i].state = ClientState::ended;
  --connected_;
}

void ClientMemory::end_all() {
  for (std::size_t i = 0; i < with_connected_.size(); ++i) {
    for (std::uint64_t bits = std::exchange(with_connected_[i], 0); bits != 0; bits &= bits - 1) {
      for (Entry& entry : buckets_[i * 64 + static_cast<std::size_t>(std::countr_zero(bits))].entries) {
        if (entry.state == ClientState::connected) entry.state = ClientState::ended;
      }
    }
  }
  connected_ = 0;
}

void ClientMemory::count_connected(std::uint64_t client) {
  ++connected_;
  with_connected_[(client & mask_) / 64] |= std::uint64_t{1} << (client & mask_ & 63U);
}

void ClientMemory::clear() {
  seed_ = random_seed();
  clock_ = 0;
  connected_ = forgotten_ = 0;
  buckets_.clear();
  std::ranges::fill(with_connected_, 0);
}

std::size_t ClientMemory::Bucket::by_use(std::uint32_t now, std::array<std::size_t, kWays>& order) const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kWays; ++i) {
    if (entries[i].hash != 0) order[count++] = i;
  }
  std::ranges::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), std::greater<>{},
                    [&](std::size_t i) { return now - entries[i].used; });
  return count;
}

// The hash determines the bucket of a client, and positions within a bucket are irrelevant: only the order of
// use is written. The hash 0 ends the list.
void ClientMemory::save(ByteWriter& out) const {
  out.word(seed_);
  std::array<std::size_t, kWays> order{};
  for (const Bucket& bucket : buckets_.all()) {
    const std::size_t count = bucket.by_use(clock_, order);
    for (std::size_t i = 0; i < count; ++i) {
      const Entry& entry = bucket.entries[order[i]];
      out.word(entry.hash);
      out.number(static_cast<std::uint64_t>(entry.state));
      out.number(static_cast<std::uint64_t>(entry.protocol));
      out.number(entry.announced);
      out.word(bucket.peers[order[i]]);
    }
  }
  out.word(0);
}

void ClientMemory::restore(ByteReader& in) {
  constexpr auto last_state = static_cast<std::uint64_t>(ClientState::refused);
  constexpr auto all_announced = (1U << mqtt::kProtocols) - 1;
  clear();
  seed_ = in.word();
  while (const std::uint64_t client = in.word()) {
    Bucket& bucket = bucket_of(client);
    const std::size_t i = bucket.find(0);
    if (i == kWays || bucket.find(client) != kWays) return in.fail();
    Entry& entry = bucket.entries[i];
    entry.hash = client;
    entry.used = ++clock_;
    entry.state = static_cast<ClientState>(in.number_up_to(last_state));
    entry.protocol = static_cast<mqtt::Protocol>(in.number_up_to(mqtt::kProtocols - 1));
    entry.announced = static_cast<std::uint8_t>(in.number_up_to(all_announced));
    bucket.peers[i] = in.word();
    if (entry.state == ClientState::connected) count_connected(client);
  }
}

}  // namespace mre
