// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/event/decoder.h"
#include "exporter/profile/decode/rule_evaluator.h"
#include "exporter/profile/profile.h"

namespace mre {

/// Assembles the codes of a SUBACK from the consecutive lines that a broker logs about one SUBSCRIBE
/// (Mosquitto, src/handle_subscribe.c):
///
///   Received SUBSCRIBE from meter-7       subscribe_received
///   \tfloor/1 (QoS 1)                     filter: as requested; since 2.1 only granted filters
///   meter-7 1 floor/1                     its repetition (log_type subscribe), only if it was granted
///   \tsecret/# (denied)                   filter_denied, since 2.1
///   Sending SUBACK to meter-7             suback_sent: the packet was sent, so its codes are emitted
///
/// A filter that was neither repeated nor denied is emitted only if its code is certain: the broker logs
/// denials, or it has repeated another filter and so would have repeated this one, or a denial has the same
/// code (MQTT 3.1).
///
/// A repetition begins and ends with a client's text and can imitate any line. The preceding line predicts it
/// exactly, so it is not read as anything else. The same applies to UNSUBSCRIBE.
///
/// One thread. Stores one client id, two filters and a count for each distinct event, at most for as many
/// filters as a SUBSCRIBE can have.
class SubackAssembler {
 public:
  /// `profile` and `evaluator` must outlive it.
  SubackAssembler(const Profile& profile, SourceKind kind, RuleEvaluator& evaluator);

  /// Whether the next line may repeat the one before; else `repeated_by` finds nothing.
  bool expects_repetition() const { return !expected_.empty(); }

  /// The rule whose line is repeated by `line`, or null.
  const Rule* repeated_by(std::string_view line) {
    return expected_.empty() ? nullptr : match_repetition(line);
  }

  /// Another line was read: the answer was interrupted. Later lines that look like its filters (the topic of
  /// a will has such a line) are ignored.
  void interrupt() {
    if (answering_ != Answering::nothing) begin(Answering::nothing, {});
  }

  /// Reads a line whose rule has a SubscribeLine. `message` is what follows the time stamp of `line`.
  Decoded read(const Rule& rule, std::string_view line, std::string_view message, Captures& captures,
               EventSink& sink);

  /// Whether codes of a SUBACK are not emitted at present, because the broker writes neither denials nor
  /// repetitions.
  bool hides_suback() const {
    return denied_ != nullptr && !repeats_ && !evaluator_.broker_is(denied_->since);
  }

  void clear();  ///< Resets all state.
  void save(ByteWriter& out) const;
  /// Restores what one with the same profile saved. If the bytes are invalid, `in` fails and the caller must
  /// call `clear`.
  void restore(ByteReader& in);

 private:
  /// Stores events until the SUBACK.
  class HeldEvents final : public EventSink {
   public:
    void on_code(const ReasonEvent& event) override { add(event, 1); }
    void on_close(const CloseEvent&) override {}    // the loader refuses such cases
    void on_denial(const DenialEvent&) override {}  // likewise
    void add(const ReasonEvent& event, std::uint32_t times);
    void move_from(HeldEvents& other);
    void emit(EventSink& sink) const;
    void clear();
    bool empty() const { return events_.empty(); }
    void save(ByteWriter& out) const;
    void restore(ByteReader& in);

   private:
    /// An MQTT packet has at most 268,435,455 bytes after its length; a filter of one character needs four.
    static constexpr std::uint32_t kMaxFilters = 268'435'455 / 4;
    static constexpr std::size_t kMaxDifferent = 1024;  // twice what 256 codes and two evidences make

    std::vector<std::pair<ReasonEvent, std::uint32_t>> events_;
    std::uint32_t filters_ = 0;  // sum of all counts
  };

  enum class Answering : std::uint8_t { nothing, subscribe, unsubscribe };

  const Rule* match_repetition(std::string_view line);
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
  RuleEvaluator& evaluator_;

  Answering answering_ = Answering::nothing;
  std::string client_;
  std::string filter_;            // of the last filter line
  std::string denied_filter_;     // the last one that was denied; the topic of the SUBACK's events
  bool filter_open_ = false;      // the repetition of a filter may still follow
  bool filter_repeated_ = false;  // the repetition was read
  bool filter_cut_ = false;       // the repetition would be truncated, so its absence proves nothing
  HeldEvents granted_;            // the events of the open filter if it was granted
  HeldEvents held_;               // events that are certain
  const Rule* expecting_ = nullptr;
  std::string expected_;  // the expected repetition; empty: none
  bool repeats_ = false;  // the broker logs repetitions at present
};

}  // namespace mre
