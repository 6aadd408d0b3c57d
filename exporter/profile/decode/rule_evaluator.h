// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "exporter/event/decoder.h"
#include "exporter/profile/decode/client_memory.h"
#include "exporter/profile/decode/duplicate_filter.h"
#include "exporter/profile/decode/echo_window.h"
#include "exporter/profile/match/code_reader.h"
#include "exporter/profile/profile.h"

namespace mre {

/// Evaluates a record whose rule and fields are known: emits what the first case with matching conditions
/// says, with the protocol from the record or the client's earlier records. Counts each event of the source
/// once. One thread.
class RuleEvaluator {
 public:
  /// Reads whom an event of a record concerns, while the record is evaluated.
  using ReadSubject = std::function<Subject(const Rule&, const Captures&)>;

  /// The profile must outlive it. Remembers up to `clients` clients.
  RuleEvaluator(const Profile& profile, std::size_t clients, ReadSubject read_subject);

  /// A new record begins. Emits waiting events that have expired.
  void next_record(EventSink& sink) {
    echoes_.advance([&](const EchoWindow::LateEvent& late) { emit_late(late, sink); });
  }

  /// The same for several records that are ignored, while no event waits.
  void skip_records(std::uint32_t records) { echoes_.skip(records); }
  bool has_waiting() const { return echoes_.has_waiting(); }

  /// `captures` are the fields of the record that `rule` has read.
  Decoded evaluate(const Rule& rule, const Captures& captures, EventSink& sink);

  /// The same for a rule that is Rule::code_only, in 150 instructions instead of 400. Inlined by force: a call takes 45
  /// more.
  [[gnu::always_inline]] Decoded evaluate_code(const Rule& rule, const Captures& captures, EventSink& sink) {
    auto protocol = mqtt::Protocol::unknown;
    auto state = ClientState::unknown;
    if (captures.has(Field::client)) {
      const std::uint64_t client = clients_.hash(captures[Field::client]);
      if (const auto* known = clients_.find(client)) {
        protocol = known->protocol;
        state = known->state_with_announced();
      } else if (client == ended_peer_) {
        state = ClientState::ended;
      }
    }
    const std::uint8_t number =
        rule.case_of.data()[static_cast<std::size_t>(protocol)].data()[static_cast<std::size_t>(state)];
    if (number != Rule::kNoCase) {
      const Emission& emission = rule.cases.data()[number].emission;
      if (emission.kind == Emission::Kind::nothing) return {Outcome::ignored, RecordError::none, &rule.id};
      auto code = emission.code;
      if (!code && captures.has(Field::code)) code = read_code(rule.spelling, captures[Field::code]);
      if (code) {
        const Evidence evidence = emission.code ? Evidence::inferred : Evidence::code_in_record;
        sink.on_code({emission.packet, emission.direction, emission.protocol.value_or(protocol), *code,
                      emission.evidence.value_or(evidence)});
        return {Outcome::matched, RecordError::none, &rule.id};
      }
    }
    return {Outcome::malformed,
            captures.any_ambiguous() ? RecordError::ambiguous : RecordError::invalid_value, &rule.id};
  }

  /// Emits all events that wait for a later record.
  void settle(EventSink& sink);

  /// While a sink is called: whether the event is one that waited, and its subject.
  bool is_late() const { return late_ != nullptr; }
  Subject late_subject() const { return late_->subject ? late_->subject->view() : Subject{}; }

  /// Whether the broker is known to be of this version or later; false if `version` is not given.
  bool broker_is(const std::optional<Version>& version) const {
    return version && version_ && *version_ >= *version;
  }
  /// Whether the broker is known to be older than this version; false if `version` is not given.
  bool broker_is_before(const std::optional<Version>& version) const {
    return version && before_version_ && *before_version_ <= *version;
  }
  /// A record was read that only brokers from `version` on write.
  void saw_version(const std::optional<Version>& version) {
    if (version && !broker_is(version)) version_ = version;
    if (broker_is(before_version_)) before_version_.reset();
  }

  void clear();  ///< Resets all state.
  /// Writes all state that later records depend on.
  void save(ByteWriter& out) const;
  /// Restores what one with the same profile saved. If the bytes are invalid, `in` fails and the caller must
  /// call `clear`.
  void restore(ByteReader& in);

  DecoderStats stats() const;
  std::uint64_t broker_starts() const { return broker_starts_; }  ///< Records of a rule with `restarts`.

 private:
  /// The fields of a record, converted, and the state of its client.
  struct Facts {
    mqtt::Protocol protocol = mqtt::Protocol::unknown;
    ClientState client_state = ClientState::unknown;
    std::uint64_t client = 0;     // 0: none or ambiguous
    bool client_unknown = false;  // the broker wrote Profile::unknown_client instead of an id
    std::uint64_t peer = 0;
    std::optional<std::uint8_t> code;
    const Captures* captures = nullptr;
  };

  bool is_duplicate(const Rule& rule, const Captures& captures);
  void note_version(const std::optional<Version>& version);
  void note_record(const Rule& rule, std::uint64_t client);
  bool follows(const When& when, const Facts& facts) const;
  Facts facts_of(const Rule& rule, const Captures& captures);
  bool holds(const When& when, const Facts& facts) const {
    if (when.protocols != 0 && (when.protocols & bit_of(facts.protocol)) == 0) return false;
    if (when.clients != 0 && (when.clients & bit_of(facts.client_state)) == 0) return false;
    return !when.more || more_holds(when, facts);
  }
  bool more_holds(const When& when, const Facts& facts) const;
  Outcome evaluate_each_code(const Rule& rule, const Captures& captures, Facts& facts, EventSink& sink);
  Outcome evaluate_cases(const Rule& rule, const Captures& captures, const Facts& facts, EventSink& sink);
  Outcome emit(const Rule& rule, const Emission& emission, const Facts& facts, EventSink& sink);
  void remember(const Rule& rule, const Facts& facts);
  void emit_code(const Rule& rule, const ReasonEvent& event, bool in_words, const Facts& facts,
                 EventSink& sink);
  void emit_late(const EchoWindow::LateEvent& late, EventSink& sink);

  const Profile& profile_;
  const ReadSubject read_subject_;
  ClientMemory clients_;
  DuplicateFilter duplicates_;
  bool closed_ = false;                         // the current record has emitted a close
  bool connected_ = false;                      // the current record connects its client
  std::optional<mqtt::Protocol> connected_as_;  // with this protocol, overriding what was known
  EchoWindow echoes_;
  const EchoWindow::LateEvent* late_ = nullptr;  // the event that is being emitted, if it waited
  CodeList codes_;
  std::uint64_t ended_peer_ = 0;    // peer, or else client, of the last ended connection of an unknown client
  std::optional<Version> version_;  // the broker is known to be this or later
  std::optional<Version> before_version_;    // the broker is known to be older than this
  std::optional<Version> reported_version_;  // the version in the last record that named one
  std::uint64_t broker_starts_ = 0;

  const Rule* followed_ = nullptr;  // rule of the last record that another may follow; may be null
  std::uint64_t followed_client_ = 0;
  std::uint32_t followed_at_ = 0;
};

/// Whether the `event` conditions of any case of the rule hold. Otherwise the object belongs to another rule.
bool is_event_of(const Rule& rule, const Captures& captures);

}  // namespace mre
