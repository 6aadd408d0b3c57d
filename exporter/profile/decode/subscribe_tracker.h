// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/event/decoder.h"
#include "exporter/profile/decode/teller.h"
#include "exporter/profile/profile.h"

namespace mre {

/// Puts the codes of a SUBACK together out of the lines that a broker writes about one SUBSCRIBE, one after
/// another (Mosquitto, src/handle_subscribe.c):
///
///   Received SUBSCRIBE from meter-7       subscribe_received
///   \tfloor/1 (QoS 1)                     filter: what was asked for; since 2.1 only what was granted
///   meter-7 1 floor/1                     its repetition (log_type subscribe), only where it was granted
///   \tsecret/# (denied)                   filter_denied, since 2.1
///   Sending SUBACK to meter-7             suback_sent: only now was there a packet, and its codes are told
///
/// A filter that was neither repeated nor denied is told only where that is no guess: from a broker that
/// writes denials, or from one that has repeated another filter and so would have repeated this one, or where
/// a denial has the same code (MQTT 3.1).
///
/// A repetition begins and ends with a client's text and can imitate any line. It is known exactly by the
/// line before it, so that it is read as nothing else; this holds for UNSUBSCRIBE too.
///
/// One thread. Holds one id, one filter and a count for each different event; no more filters than a
/// SUBSCRIBE can have.
class SubscribeTracker {
 public:
  /// `profile` and `teller` must outlive it.
  SubscribeTracker(const Profile& profile, SourceKind kind, Teller& teller);

  /// The rule whose line `line` repeats in other words; null if it repeats none.
  const Rule* repeated_by(std::string_view line) {
    return expected_.empty() ? nullptr : take_repetition(line);
  }

  /// A line that tells something else: the answer was broken off, and what looks like one of its filters from
  /// here on (the topic of a Will has such a line) is none.
  void interrupt() {
    if (answering_ != Answering::nothing) begin(Answering::nothing, {});
  }

  /// A line whose rule has a part in this. `message` is what follows the time stamp of `line`.
  Decoded read(const Rule& rule, std::string_view line, std::string_view message, Captures& captures,
               EventSink& sink);

  /// Whether codes of a SUBACK are not emitted at present, because the broker writes neither denials nor
  /// repetitions.
  bool hides_suback() const { return denied_ != nullptr && !repeats_ && !teller_.broker_is(denied_->since); }

  void clear();  ///< Forgets all, as if new.
  void save(ByteWriter& out) const;
  /// Takes over what one with the same profile wrote. If the bytes are not that, `in` fails, and what is here
  /// is to be cleared.
  void restore(ByteReader& in);

 private:
  /// Keeps events until the SUBACK.
  class Held final : public EventSink {
   public:
    void on_code(const ReasonEvent& event) override { add(event, 1); }
    void on_close(const CloseEvent&) override {}    // the loader refuses such cases
    void on_denial(const DenialEvent&) override {}  // and such
    void add(const ReasonEvent& event, std::uint32_t times);
    void take_over(Held& other);
    void tell(EventSink& sink) const;
    void clear();
    bool empty() const { return events_.empty(); }
    void save(ByteWriter& out) const;
    void restore(ByteReader& in);

   private:
    /// A packet of MQTT has at most 268,435,455 bytes behind its length; a filter with one character takes
    /// four.
    static constexpr std::uint32_t kMostFilters = 268'435'455 / 4;
    static constexpr std::size_t kMostDifferent = 1024;  // twice what 256 codes and two evidences make

    std::vector<std::pair<ReasonEvent, std::uint32_t>> events_;
    std::uint32_t filters_ = 0;  // all counts together
  };

  enum class Answering : std::uint8_t { nothing, subscribe, unsubscribe };

  const Rule* take_repetition(std::string_view line);
  void begin(Answering what, std::string_view client);
  void read_filter(const Rule& rule, std::string_view line, std::string_view message, Captures& captures);
  void open_filter(const Rule& rule, std::string_view line, std::string_view message, Captures& captures);
  void open_unsubscribe_filter(std::string_view message);
  void close_filter();
  void expect(const Rule& rule, const Captures& captures);

  const Profile& profile_;
  const Rule* denied_ = nullptr;              // null: the profile has no such lines
  const Rule* unsubscribe_filter_ = nullptr;  // may be null
  const ProfileSource& source_;
  Teller& teller_;

  Answering answering_ = Answering::nothing;
  std::string client_;
  bool filter_open_ = false;      // a filter whose repetition may still come
  bool filter_repeated_ = false;  // it came
  bool filter_cut_ = false;       // it would be cut: nobody can tell
  Held granted_;                  // what the open filter tells if it was granted
  Held held_;                     // what is sure
  const Rule* expecting_ = nullptr;
  std::string expected_;  // the message of the repetition; empty: none can follow
  bool repeats_ = false;  // the broker writes repetitions at present
};

}  // namespace mre
