#include "exporter/profile/client_memory.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>

namespace mre {
namespace {

constexpr std::uint64_t mix(std::uint64_t x) {  // the finaliser of splitmix64
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

}  // namespace

ClientMemory::ClientMemory(std::size_t capacity)
    : mask_(std::bit_ceil(std::max<std::size_t>(capacity, kWays)) / kWays - 1), buckets_(mask_ + 1) {
  std::random_device random;
  seed_ = (std::uint64_t{random()} << 32) | random();
}

std::uint64_t ClientMemory::hash(std::string_view text) const {
  std::uint64_t h = seed_ ^ text.size();
  for (; text.size() >= 8; text.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    h = mix(h ^ word);
  }
  std::uint64_t rest = 0;  // byte by byte: a copy of unknown length is a call
  for (const char c : text) rest = rest << 8U | static_cast<unsigned char>(c);
  h = mix(h ^ rest ^ seed_);
  return h == 0 ? 1 : h;
}

std::size_t ClientMemory::Bucket::find(std::uint64_t client) const {
  return static_cast<std::size_t>(std::ranges::find(entries, client, &Entry::hash) - entries.begin());
}

/// Less goes first: free, ended, then the one unused for longest.
std::size_t ClientMemory::Bucket::least_worth(std::uint32_t now) const {
  const auto worth = [&](const Entry& e) {
    return std::pair(static_cast<int>(e.state == ClientState::connected) + static_cast<int>(e.hash != 0),
                     static_cast<std::int64_t>(0) - static_cast<std::int64_t>(now - e.used));
  };
  return static_cast<std::size_t>(std::ranges::min_element(entries, {}, worth) - entries.begin());
}

const ClientMemory::Entry* ClientMemory::find(std::uint64_t client) {
  Bucket& bucket = bucket_of(client);
  const std::size_t i = bucket.find(client);
  if (i == kWays) return nullptr;
  bucket.entries[i].used = ++clock_;
  return &bucket.entries[i];
}

mqtt::Protocol ClientMemory::Entry::announced_protocol() const {
  if (!std::has_single_bit(announced)) return mqtt::Protocol::unknown;
  return static_cast<mqtt::Protocol>(std::countr_zero(announced));
}

ClientState ClientMemory::Entry::told_state() const {
  return announced != 0 && state != ClientState::connected ? ClientState::announced : state;
}

// The number of the client's entry, made if there is none.
std::size_t ClientMemory::claim(Bucket& bucket, std::uint64_t client) {
  std::size_t i = bucket.find(client);
  if (i == kWays) {
    i = bucket.least_worth(clock_);
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
  if (entry.state != ClientState::connected) ++connected_;
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

}  // namespace mre
