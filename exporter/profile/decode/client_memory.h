// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/base/seeded_hash.h"
#include "exporter/base/zeroed_array.h"
#include "exporter/mqtt/reason_code.h"

namespace mre {

/// What earlier records say about a client.
enum class ClientState : std::uint8_t {
  unknown,    ///< Never seen, or forgotten.
  connected,  ///< The broker accepted its connection, which has not ended since.
  ended,      ///< Its connection has ended.
  refused,    ///< Not connected; its last CONNECT was refused.
  announced,  ///< Not connected, but a CONNECT with its id is not answered yet.
};
inline constexpr std::size_t kClientStates = 5;

/// Remembers the protocol of each client from its connect record, because later records do not repeat it.
///
/// Some brokers log a CONNECT before they accept it. Its protocol is then only announced, so that a refused
/// CONNECT does not change the state of the client with the same id. While two CONNECTs of one id with
/// different protocols wait for their answer, the protocol is unknown.
///
/// Bounded: `capacity` clients in a table that is allocated once. If a bucket is full, the least recently
/// used entry is evicted, ended clients first. An evicted connected client is counted in `forgotten`; its
/// later events have protocol "unknown". Clients are stored as hashes with a random seed, so that a client
/// cannot choose ids that evict others. One thread.
class ClientMemory {
 public:
  struct Entry {
    std::uint64_t hash = 0;  ///< Hash of the client id; 0: free.
    std::uint32_t used = 0;  ///< Time of the last use, counted in calls.
    mqtt::Protocol protocol = mqtt::Protocol::unknown;
    ClientState state = ClientState::unknown;
    std::uint8_t announced = 0;  ///< Bit set of mqtt::Protocol: CONNECTs that are not answered yet.

    mqtt::Protocol announced_protocol() const;
    /// May be `announced`, which is never stored.
    ClientState state_with_announced() const {
      return announced != 0 && state != ClientState::connected ? ClientState::announced : state;
    }
  };

  explicit ClientMemory(std::size_t capacity = 65'536);

  std::uint64_t hash(std::string_view text) const { return seeded_hash(seed_, text); }  ///< Never 0.

  /// Null if the client is unknown. Valid until the next call.
  const Entry* find(std::uint64_t client) {
    Bucket& bucket = bucket_of(client);
    const std::size_t i = bucket.find(client);
    if (i == kWays) return nullptr;
    bucket.entries[i].used = ++clock_;
    return &bucket.entries[i];
  }
  /// A CONNECT was received and will be answered.
  void announce(std::uint64_t client, mqtt::Protocol protocol);
  /// The CONNECT was answered. If it was accepted, `connect` has to be called too.
  void answer(std::uint64_t client, bool accepted);
  void connect(std::uint64_t client, mqtt::Protocol protocol, std::uint64_t peer);
  /// Ends the client's connection, unless `peer` (0 if the record names none) is another connection than the
  /// remembered one: the end of the old connection may be logged after the start of the new one.
  void end(std::uint64_t client, std::uint64_t peer);
  /// Ends all connections: the broker has restarted.
  void end_all();

  void clear();  ///< Resets it, with a new seed.
  /// Writes at most 20 bytes for each client. Contains the seed, which is a secret: it allows to choose ids
  /// that evict others.
  void save(ByteWriter& out) const;
  /// Restores what a memory with at most the same capacity saved, with the same order of use; `forgotten` is
  /// 0. If the bytes are invalid, `in` fails and the caller must call `clear`.
  void restore(ByteReader& in);

  std::uint64_t remembered() const { return connected_; }  ///< Connected clients in memory.
  std::uint64_t forgotten() const { return forgotten_; }

 private:
  static constexpr std::size_t kWays = 8;

  /// A bucket of the table. A look-up mostly waits for memory, so the data that it reads is small and
  /// contiguous: usually one cache line.
  struct alignas(64) Bucket {
    std::array<Entry, kWays> entries{};
    std::array<std::uint64_t, kWays> peers{};  // hash of the connection's address; 0: unknown

    std::size_t find(std::uint64_t client) const {  // kWays if not found
      std::size_t i = 0;
      while (i < kWays && entries.data()[i].hash != client) ++i;
      return i;
    }
    std::size_t eviction_candidate(std::uint32_t now) const;
    /// Writes the indices of the used entries to `order`, least recently used first. Returns their number.
    std::size_t by_use(std::uint32_t now, std::array<std::size_t, kWays>& order) const;
  };

  Bucket& bucket_of(std::uint64_t client) { return buckets_[client & mask_]; }
  std::size_t claim(Bucket& bucket, std::uint64_t client);
  void count_connected(std::uint64_t client);

  std::uint64_t seed_;
  std::uint64_t mask_;
  std::uint32_t clock_ = 0;
  std::uint64_t connected_ = 0;
  std::uint64_t forgotten_ = 0;
  ZeroedArray<Bucket> buckets_;
  std::vector<std::uint64_t> with_connected_;  // a bit for each bucket that may hold connected clients
};

}  // namespace mre
