// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "exporter/capture/tcp/flow.h"

namespace mre {

/// The segments that came before their turn: for each direction a list by sequence number, whose head is
/// HalfFlow::held. Bounded for a connection and in all; memory is taken only for what waits.
class HeldSegments {
 public:
  static constexpr std::size_t kMaxBytes = 4U << 20U;
  /// Of one direction of a connection: a dozen segments of offloading cards, which have 64 to 128 KiB; and no
  /// more segments than a list that is searched from its front may have.
  static constexpr std::size_t kMaxConnectionBytes = kMaxBytes / 2;
  static constexpr std::size_t kMaxConnectionSegments = 512;

  struct Held {
    Segment segment;    ///< The payload is a view into `bytes`.
    std::string bytes;  ///< Of the payload.
    Ticks since = 0;
    std::uint32_t flow = kNone;  ///< None: the place is free.
    mqtt::Side side = mqtt::Side::client;
    std::uint32_t next = kNone;   ///< By sequence number, of the same direction; or the next free place.
    std::uint32_t older = kNone;  ///< By time, of all.
    std::uint32_t newer = kNone;
  };

  enum class Kept : std::uint8_t { yes, connection_full, all_full };

  /// Keeps a copy of a segment. One that is kept already needs no second place.
  Kept keep(Flow& flow, mqtt::Side side, const Segment& segment, Ticks now);
  /// Takes the first one of a direction out of its list. It stays where it is until `free`.
  Held& take_first(HalfFlow& half);
  void free(Held& held);
  /// Frees all of a direction.
  void drop(HalfFlow& half);

  const Held& at(std::uint32_t index) const { return places_[index]; }
  const Held& oldest() const { return places_[oldest_]; }  ///< If not empty.
  bool empty() const { return oldest_ == kNone; }
  /// Places are numbered from 0; those that are free have no flow.
  std::size_t places() const { return places_.size(); }

 private:
  static std::size_t cost(std::size_t bytes) { return sizeof(Held) + bytes; }
  std::uint32_t take_place();

  std::vector<Held> places_;
  std::uint32_t free_ = kNone;
  std::uint32_t oldest_ = kNone;
  std::uint32_t newest_ = kNone;
  std::size_t bytes_ = 0;
};

}  // namespace mre
