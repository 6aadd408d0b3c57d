// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "exporter/base/bytes.h"
#include "exporter/event/reason_event.h"

namespace mre {

/// Keeps one event one count where a broker tells it in two records: once with the code, once in words.
///
/// The record with the code may come first (Mosquitto at debug: `Sending CONNACK … (0, 135)`, then `… not
/// authorised.`) or second (`New client connected …`, then `Sending CONNACK … (0, 0)`). Which of the two are
/// written depends on the broker's log level, and the operator may change that at any time. So:
///   - a code leaves a mark that absorbs the next record in words of the same group;
///   - a record in words that comes first waits for a code of the same client, and is told when none came.
///   Where
///     the client could not be read from it, any client's code will do: the two stand together.
/// Both hold for `window` records only: a broker writes the two together. One thread; fixed size.
class EchoWindow {
 public:
  static constexpr std::uint64_t kNoClient = 0;  ///< None, or the record can be read in two ways.

  explicit EchoWindow(std::uint32_t window) : window_(window) {}

  /// Goes on to the next record. Calls `tell(event)` for what waited in vain.
  template <class Tell>
  void advance(Tell tell) {
    ++now_;
    if (waiting_ > 0) tell_expired(tell);
  }

  /// The number of the present record.
  std::uint32_t now() const { return now_; }

  /// A code was told. Drops what waits for it; if it `refuses`, leaves a mark for the record in words that
  /// follows.
  void code(std::uint8_t group, std::uint64_t client, bool refuses);

  /// A record in words: whether a mark absorbs it.
  bool absorbed(std::uint8_t group);

  /// A record in words that may come before its code. Calls `tell` for the oldest one if too many wait.
  template <class Tell>
  void wait(std::uint8_t group, std::uint64_t client, const ReasonEvent& event, Tell&& tell) {
    if (waiting_ == kMost) tell(pop());
    wait_[(first_ + waiting_++) % kMost] = {now_, client, group, event};
  }

  /// Tells all that waits: no record will come soon.
  template <class Tell>
  void settle(Tell&& tell) {
    while (waiting_ > 0) tell(pop());
  }

  void clear() { *this = EchoWindow(window_); }
  void save(ByteWriter& out) const;
  /// Takes over what one with the same window wrote. If the bytes are not that, `in` fails, and what is here
  /// is to be cleared.
  void restore(ByteReader& in);

 private:
  static constexpr std::size_t kMost = 64;
  struct Waiting {
    std::uint32_t at;
    std::uint64_t client;
    std::uint8_t group;
    ReasonEvent event;
  };
  struct Mark {
    std::uint32_t at;
    std::uint8_t group;
    bool open;
  };

  /// Whether the mark can still absorb a record.
  bool holds(const Mark& mark) const { return mark.open && now_ - mark.at <= window_; }

  /// Drops the oldest that waits for this; whether there was one.
  bool drop_waiting(std::uint8_t group, std::uint64_t client);

  /// Apart, because mostly nothing waits.
  template <class Tell>
  [[gnu::noinline]] void tell_expired(Tell tell) {
    while (waiting_ > 0 && now_ - wait_[first_].at > window_) tell(pop());
  }

  ReasonEvent pop() {
    const ReasonEvent event = wait_[first_].event;
    first_ = (first_ + 1) % kMost;
    --waiting_;
    return event;
  }

  std::uint32_t window_;
  std::uint32_t now_ = 0;
  std::array<Waiting, kMost> wait_{};  // a ring
  std::size_t first_ = 0;
  std::size_t waiting_ = 0;
  std::array<Mark, kMost> marks_{};  // a ring, the oldest is overwritten
  std::size_t next_mark_ = 0;
};

}  // namespace mre
