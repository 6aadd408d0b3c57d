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
    : mask_(std::bit_ceil(std::max<std::size_t>(capacity, kWays)) / kWays - 1),
      entries_((mask_ + 1) * kWays) {
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
  std::uint64_t word = 0;
  std::memcpy(&word, text.data(), text.size());
  h = mix(h ^ word ^ seed_);
  return h == 0 ? 1 : h;
}

ClientMemory::Entry* ClientMemory::look_up(std::uint64_t client) {
  Entry* const first = bucket(client);
  Entry* const found = std::find_if(first, first + kWays, [&](const Entry& e) { return e.hash == client; });
  return found == first + kWays ? nullptr : found;
}

const ClientMemory::Entry* ClientMemory::find(std::uint64_t client) {
  Entry* const entry = look_up(client);
  if (entry != nullptr) entry->used = ++clock_;
  return entry;
}

mqtt::Protocol ClientMemory::Entry::announced_protocol() const {
  if (!std::has_single_bit(announced)) return mqtt::Protocol::unknown;
  return static_cast<mqtt::Protocol>(std::countr_zero(announced));
}

ClientState ClientMemory::Entry::told_state() const {
  return announced != 0 && state != ClientState::connected ? ClientState::announced : state;
}

// The client's entry, made if there is none.
ClientMemory::Entry& ClientMemory::claim(std::uint64_t client) {
  Entry* entry = look_up(client);
  if (entry == nullptr) {
    Entry* const first = bucket(client);
    const auto worth =
        [&](const Entry& e) {  // less goes first: empty, ended, then the one unused for longest
          return std::pair(
              static_cast<int>(e.state == ClientState::connected) + static_cast<int>(e.hash != 0),
              static_cast<std::int64_t>(0) - static_cast<std::int64_t>(clock_ - e.used));
        };
    entry = std::min_element(first, first + kWays,
                             [&](const Entry& a, const Entry& b) { return worth(a) < worth(b); });
    if (entry->state == ClientState::connected) --connected_, ++forgotten_;
    *entry = Entry{};
    entry->hash = client;
  }
  entry->used = ++clock_;
  return *entry;
}

void ClientMemory::announce(std::uint64_t client, mqtt::Protocol protocol) {
  claim(client).announced |= static_cast<std::uint8_t>(1U << static_cast<unsigned>(protocol));
}

void ClientMemory::answer(std::uint64_t client, bool accepted) {
  Entry& entry = claim(client);
  entry.announced = 0;
  if (!accepted && entry.state != ClientState::connected) entry.state = ClientState::refused;
}

void ClientMemory::connect(std::uint64_t client, mqtt::Protocol protocol, std::uint64_t peer) {
  Entry& entry = claim(client);
  if (entry.state != ClientState::connected) ++connected_;
  entry.peer = peer;
  entry.protocol = protocol;
  entry.state = ClientState::connected;
}

void ClientMemory::end(std::uint64_t client, std::uint64_t peer) {
  Entry* const entry = look_up(client);
  if (entry == nullptr || entry->state != ClientState::connected) return;
  if (peer != 0 && entry->peer != 0 && peer != entry->peer) return;
  entry->state = ClientState::ended;
  --connected_;
}

}  // namespace mre
