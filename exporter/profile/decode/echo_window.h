// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "exporter/base/bytes.h"
#include "exporter/event/reason_event.h"
#include "exporter/event/subject.h"

namespace mre {

/// Counts one event once where a broker logs it in two records: one with the code, and one in words.
///
/// The record with the code may come first (Mosquitto at debug: `Sending CONNACK … (0, 135)`, then `… not
/// authorised.`) or second (`New client connected …`, then `Sending CONNACK … (0, 0)`). Which of the two are
/// written depends on the broker's log level, which the operator may change at any time. So:
///   - A code leaves a mark that absorbs the next record in words of the same group.
///   - A record in words that comes first waits for a code of the same client, and is emitted if none comes.
///     If its client could not be read, the code of any client answers it, because the two are adjacent.
/// Both expire after `window` records, because a broker writes the two together. One thread; fixed size.
class EchoWindow {
 public:
  static constexpr std::uint64_t kNoClient = 0;  ///< Unknown or ambiguous.

  /// An event whose record is over when it is emitted.
  struct LateEvent {
    ReasonEvent event;
    std::shared_ptr<const OwnedSubject> subject = {};  ///< Null: not stored.
  };

  explicit EchoWindow(std::uint32_t window) : window_(window) {}

  /// Advances to the next record. Calls `emit(LateEvent)` for waiting events that expired.
  template <class Emit>
  void advance(Emit emit) {
    ++now_;
    if (waiting_ > 0) emit_expired(emit);
  }

  /// The same for several records, while no event waits.
  void skip(std::uint32_t records) { now_ += records; }
  bool has_waiting() const { return waiting_ > 0; }

  /// The number of the current record.
  std::uint32_t now() const { return now_; }

  /// A code was emitted. Drops the event that waits for it. If it `refuses`, leaves a mark for the record in
  /// words that may follow.
  void code(std::uint8_t group, std::uint64_t client, bool refuses);

  /// Whether a mark absorbs this record in words.
  bool absorbed(std::uint8_t group);

  /// A record in words that may precede its code. If too many wait, calls `emit` for the oldest one.
  template <class Emit>
  void wait(std::uint8_t group, std::uint64_t client, LateEvent event, Emit&& emit) {
    if (waiting_ == kMax) emit(pop());
    wait_[(first_ + waiting_++) % kMax] = {now_, client, group, std::move(event)};
  }

  /// Emits all waiting events, because no record will come soon.
  template <class Emit>
  void settle(Emit&& emit) {
    while (waiting_ > 0) emit(pop());
  }

  void clear() { *this = EchoWindow(window_); }
  void save(ByteWriter& out) const;  ///< Without the subjects.
  /// Restores what one with the same window saved. If the bytes are invalid, `in` fails and the caller must
  /// call `clear`.
  void restore(ByteReader& in);

 private:
  static constexpr std::size_t kMax = 64;
  struct Waiting {
    std::uint32_t at;
    std::uint64_t client;
    std::uint8_t group;
    LateEvent late;
  };
  struct Mark {
    std::uint32_t at;
    std::uint8_t group;
    bool open;
  };

  /// Whether the mark can still absorb a record.
  bool is_active(const Mark& mark) const { return mark.open && now_ - mark.at <= window_; }

  /// Drops the oldest event that waits for this code. Returns whether there was one.
  bool drop_waiting(std::uint8_t group, std::uint64_t client);

  /// Not inlined, because usually nothing waits.
  template <class Emit>
  [[gnu::noinline]] void emit_expired(Emit emit) {
    while (waiting_ > 0 && now_ - wait_[first_].at > window_) emit(pop());
  }

  LateEvent pop() {
    LateEvent late = std::move(wait_[first_].late);
    first_ = (first_ + 1) % kMax;
    --waiting_;
    return late;
  }

  std::uint32_t window_;
  std::uint32_t now_ = 0;
  std::array<Waiting, kMax> wait_{};  // a ring
  std::size_t first_ = 0;
  std::size_t waiting_ = 0;
  std::array<Mark, kMax> marks_{};  // a ring, the oldest is overwritten
  std::size_t next_mark_ = 0;
};

}  // namespace mre
