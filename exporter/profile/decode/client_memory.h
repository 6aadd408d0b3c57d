// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/mqtt/reason_code.h"

namespace mre {

/// What is known of a client from its earlier records.
enum class ClientState : std::uint8_t {
  unknown,    ///< Never seen, or forgotten.
  connected,  ///< The broker accepted it, and it has not ended since.
  ended,      ///< Its connection has ended.
  refused,    ///< Not connected; its last CONNECT was refused.
  announced,  ///< Not connected, but a CONNECT of that id waits for its answer.
};

/// Remembers the protocol of each client between its connect record and its later ones, which do not repeat
/// it.
///
/// Where a broker writes what a CONNECT asks for before it is accepted, the protocol is announced only:
/// whoever is refused changes nothing of the client whose id he gave. Between two CONNECTs of one id that
/// wait for their answer with different protocols nothing is known.
///
/// Bounded: `capacity` clients in a table that is allocated once. Where a part of the table is full the entry
/// that was used least recently goes, ended ones first; losing a connected one is counted in `forgotten`, and
/// its later events have protocol "unknown". Clients are kept as hashes with a random seed, so that nobody
/// can choose ids that push others out. One thread.
class ClientMemory {
 public:
  struct Entry {
    std::uint64_t hash = 0;  ///< Of the client; 0: free.
    std::uint32_t used = 0;  ///< When it was used last, in calls.
    mqtt::Protocol protocol = mqtt::Protocol::unknown;
    ClientState state = ClientState::unknown;
    std::uint8_t announced = 0;  ///< Bit set of mqtt::Protocol: CONNECTs that were not answered yet.

    mqtt::Protocol announced_protocol() const;
    ClientState told_state() const;  ///< With `announced`, which is never kept as `state`.
  };

  explicit ClientMemory(std::size_t capacity = 65'536);

  std::uint64_t hash(std::string_view text) const;  ///< Never 0.

  /// Null if the client is not known.
  const Entry* find(std::uint64_t client);
  /// A CONNECT that is to be answered.
  void announce(std::uint64_t client, mqtt::Protocol protocol);
  /// Its answer. One that was accepted is connected by `connect` as well.
  void answer(std::uint64_t client, bool accepted);
  void connect(std::uint64_t client, mqtt::Protocol protocol, std::uint64_t peer);
  /// Ends the client's connection, unless the record names another connection (`peer`, 0 if it names none)
  /// than the one remembered: the old one's end may be logged after the new one's begin.
  void end(std::uint64_t client, std::uint64_t peer);
  /// Ends the connections of all clients: the broker has started.
  void end_all();

  void clear();  ///< As if new, with another seed.
  /// At most 20 bytes for each client in memory. Holds the seed: who reads it can choose such ids.
  void save(ByteWriter& out) const;
  /// Takes over what a memory with room for no more clients wrote, in the same order of use; `forgotten` is
  /// 0. If the bytes are not that, `in` fails, and what is here is to be cleared.
  void restore(ByteReader& in);

  std::uint64_t remembered() const { return connected_; }  ///< Connected clients in memory.
  std::uint64_t forgotten() const { return forgotten_; }

 private:
  static constexpr std::size_t kWays = 8;

  /// A place of the table. Nearly all of a look-up is waiting for memory, so that what it reads is kept small
  /// and together: as a rule one cache line.
  struct alignas(64) Bucket {
    std::array<Entry, kWays> entries{};
    std::array<std::uint64_t, kWays> peers{};  // hash of the connection's address; 0: no record told it

    std::size_t find(std::uint64_t client) const;  // kWays if it is not there
    std::size_t least_worth(std::uint32_t now) const;
    /// Puts the numbers of the entries in use into `order`, the one used least recently first. How many.
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
  std::vector<Bucket> buckets_;
  std::vector<std::uint64_t> with_connected_;  // a bit for each bucket that may hold connected clients
};

}  // namespace mre
