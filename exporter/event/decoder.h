// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/event/reason_event.h"
#include "exporter/event/record.h"
#include "exporter/event/subject.h"

namespace mre {

/// Receives the events of a decoder. Called on the feed's thread, in the order of the records.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_code(const ReasonEvent& event) = 0;
  virtual void on_close(const CloseEvent& event) = 0;
  virtual void on_denial(const DenialEvent& event) = 0;

  /// A client has introduced itself: `subject` has its peer, and the names that it gave. Only to a sink that
  /// `wants_clients`. Not an event: nothing is counted.
  virtual void on_client(const Subject& /*subject*/) {}
  virtual bool wants_clients() const { return false; }
};

/// Discards all events: for callers that need only the outcome of a record.
class NullSink final : public EventSink {
 public:
  void on_code(const ReasonEvent&) override {}
  void on_close(const CloseEvent&) override {}
  void on_denial(const DenialEvent&) override {}
};

/// The outcome of one record: the `outcome` label of mqtt_reason_source_records_total.
enum class Outcome : std::uint8_t {
  matched,       ///< A rule of the profile read it and emitted at least one event.
  ignored,       ///< A rule knows it and emitted no event, or the event was counted before.
  unrecognised,  ///< No rule knows it; `RecordError` says why.
  malformed,     ///< It is invalid; `RecordError` says why.
};
inline constexpr std::size_t kOutcomes = 4;
constexpr std::string_view to_string(Outcome outcome) {
  constexpr std::string_view names[] = {"matched", "ignored", "unrecognised", "malformed"};
  return names[static_cast<std::size_t>(outcome)];
}

/// Why a record could not be read, or was not recognised: the `cause` label of
/// mqtt_reason_source_record_errors_total.
enum class RecordError : std::uint8_t {
  none,
  // Malformed:
  oversized,      ///< Longer than the limit; skipped to its end.
  invalid_utf8,   ///< No rule knows it, and it is not valid UTF-8.
  cut,            ///< As long as the broker's line buffer: the end with the code may be missing.
  invalid_json,   ///< The profile expects JSON, and it is invalid or a required member is missing.
  invalid_value,  ///< A rule knows the record, but its code or protocol has an unknown spelling.
  envelope,       ///< The line does not have the form of the log's envelope.
  // Unrecognised:
  no_rule,    ///< No rule of the profile knows it.
  no_prefix,  ///< It does not begin like the broker's lines: a continuation, or another program's line.
  no_topic,   ///< No rule of the profile reads messages of that topic.
  // Malformed. At the end, because checkpoints store the counts in this order:
  ambiguous,  ///< A client's text may imitate the broker's: the record can be read in several ways.
};
inline constexpr std::size_t kRecordErrors = 11;
constexpr std::string_view to_string(RecordError error) {
  constexpr std::string_view names[] = {"none",         "oversized",     "invalid_utf8", "cut",
                                        "invalid_json", "invalid_value", "envelope",     "no_rule",
                                        "no_prefix",    "no_topic",      "ambiguous"};
  return names[static_cast<std::size_t>(error)];
}

/// The outcome of records with this error; must not be `none`.
constexpr Outcome outcome_of(RecordError error) {
  return error >= RecordError::no_rule && error <= RecordError::no_topic ? Outcome::unrecognised
                                                                         : Outcome::malformed;
}

/// The result of decoding one record. Small, so that it is returned in registers.
struct Decoded {
  Outcome outcome = Outcome::unrecognised;
  RecordError error = RecordError::no_rule;  ///< `none` unless it is malformed or unrecognised.
  /// Id of the rule that read it, or null. Valid as long as the decoder.
  const std::string* rule = nullptr;

  bool is_recognised() const { return outcome == Outcome::matched || outcome == Outcome::ignored; }
};

/// The result of decoding several lines at once.
struct DecodedLines {
  std::size_t bytes = 0;      ///< Bytes of the lines, including line ends.
  std::uint64_t matched = 0;  ///< Number of lines with this outcome.
  std::uint64_t ignored = 0;
  /// The result of one more line, the last, if it is unrecognised or malformed.
  std::optional<Decoded> not_recognised = {};
  std::string_view not_recognised_line = {};

  /// Adds the result of the next line, but not its bytes. Returns whether more lines may follow.
  bool add(const Decoded& decoded, std::string_view line) {
    if (decoded.is_recognised()) {
      ++(decoded.outcome == Outcome::ignored ? ignored : matched);
      return true;
    }
    not_recognised = decoded;
    not_recognised_line = line;
    return false;
  }

  std::uint64_t lines() const { return matched + ignored + (not_recognised ? 1U : 0U); }
};

/// What a decoder remembers, what it had to forget, and what it has learnt about the broker.
struct DecoderStats {
  std::uint64_t clients_remembered = 0;  ///< Clients whose protocol is known now.
  std::uint64_t clients_forgotten =
      0;  ///< Clients dropped because the memory was full: their later events have protocol "unknown".
  std::string broker_version = {};      ///< The last one that a record named: "2.0.18". Empty if none did.
  bool broker_version_checked = false;  ///< The profile was checked against this version.
  /// Starts of the broker in the records that this decoder read. Empty if the records of its source cannot show one.
  std::optional<std::uint64_t> broker_starts = {};
};

/// All events that a decoder can emit: the series that are exported as 0 from the start.
struct Coverage {
  std::vector<ReasonEvent> codes;
  std::vector<CloseEvent> closes;
  std::vector<DenialEvent> denials;
};

/// The part of the coverage that the source is known to show, judged by the records read so far. All false:
/// nothing is known yet.
struct Visibility {
  std::array<std::array<bool, mqtt::kDirections>, mqtt::kPackets> codes{};
  std::array<bool, kActions> denials{};
  std::string
      level;  ///< Name of the highest observed log level; empty if none is known or there is only one.
  std::string to_set;  ///< The broker setting that shows more; empty if nothing is hidden or known.

  bool shows(const ReasonEvent& event) const {
    return codes[static_cast<std::size_t>(event.packet)][static_cast<std::size_t>(event.direction)];
  }
  bool shows(const DenialEvent& event) const { return denials[static_cast<std::size_t>(event.action)]; }
  void add(const ReasonEvent& event) {
    codes[static_cast<std::size_t>(event.packet)][static_cast<std::size_t>(event.direction)] = true;
  }
  void add(const DenialEvent& event) { denials[static_cast<std::size_t>(event.action)] = true; }
  void add(const Visibility& other) {  // without the texts
    for (std::size_t i = 0; i < codes.size(); ++i)
      for (std::size_t j = 0; j < codes[i].size(); ++j) codes[i][j] |= other.codes[i][j];
    for (std::size_t i = 0; i < denials.size(); ++i) denials[i] |= other.denials[i];
  }

  bool operator==(const Visibility&) const = default;
};

/// The visibility of a source that shows everything in `coverage`.
inline Visibility all_of(const Coverage& coverage) {
  Visibility all;
  for (const ReasonEvent& event : coverage.codes) all.add(event);
  for (const DenialEvent& event : coverage.denials) all.add(event);
  return all;
}

/// Reads events out of records. One thread calls one decoder.
///
/// `decode` allocates nothing in the steady state and its time is linear in the record.
class Decoder {
 public:
  virtual ~Decoder() = default;

  virtual Decoded decode(const Record& record, EventSink& sink) = 0;

  /// Decodes lines in order, like calls of `decode`, up to and including the first one that is unrecognised
  /// or malformed. Stops in front of a line that needs special treatment (LineBlock::is_special). Decodes nothing if
  /// lines are not the records of this decoder.
  virtual DecodedLines decode_lines(const LineBlock& /*lines*/, EventSink& /*sink*/) { return {}; }

  /// Whether this log line is written by the broker: a rule reads it, or it begins like the broker's lines.
  /// The line is not decoded, and the decoder's state does not change.
  virtual bool recognises(std::string_view) { return false; }

  /// While a sink is called: the subject of the event. It is worked out only here, so a sink that does not ask does
  /// not pay for it. Valid during that call.
  virtual Subject subject() const { return {}; }

  /// Emits the events that were waiting for a later record to confirm or repeat them. The feed calls it when
  /// the source has been silent for a while, and at the end of the stream.
  virtual void settle(EventSink& sink) = 0;

  /// Writes all state that the decoding of later records depends on.
  virtual void save(ByteWriter& out) const = 0;
  /// Restores the state that a decoder with the same profile and source kind saved. Returns false if the
  /// bytes are invalid; the decoder is then in its initial state.
  virtual bool restore(ByteReader& in) = 0;

  virtual DecoderStats stats() const = 0;
  virtual const Coverage& coverage() const = 0;
  virtual Visibility visibility() const = 0;
};

/// A decoder without state: it decodes each record on its own.
class StatelessDecoder : public Decoder {
 public:
  explicit StatelessDecoder(Coverage coverage = {}) : coverage_(std::move(coverage)) {}

  void settle(EventSink&) override {}
  void save(ByteWriter&) const override {}
  bool restore(ByteReader&) override { return true; }
  DecoderStats stats() const override { return {}; }
  const Coverage& coverage() const override { return coverage_; }
  Visibility visibility() const override { return all_of(coverage_); }

 private:
  const Coverage coverage_;
};

}  // namespace mre
