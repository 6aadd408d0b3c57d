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

namespace mre {

/// Where a decoder puts what it found. Called on the feed's thread, in the order of the records.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void on_code(const ReasonEvent& event) = 0;
  virtual void on_close(const CloseEvent& event) = 0;
  virtual void on_denial(const DenialEvent& event) = 0;
};

/// For who only wants to know what became of a record.
class NoSink final : public EventSink {
 public:
  void on_code(const ReasonEvent&) override {}
  void on_close(const CloseEvent&) override {}
  void on_denial(const DenialEvent&) override {}
};

/// What became of one record: the `outcome` label of mqtt_reason_source_records_total.
enum class Outcome : std::uint8_t {
  matched,       ///< A rule of the profile read it and it told at least one event.
  ignored,       ///< A rule knows it: it tells no event (or repeats one that is counted already).
  unrecognised,  ///< No rule knows it; `RecordError` says why.
  malformed,     ///< It cannot be read; `RecordError` says why.
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
  oversized,     ///< Longer than the limit; skipped to its end.
  invalid_utf8,  ///< No rule knows it, and it is no UTF-8.
  cut,           ///< As long as the broker's own line buffer: the end, where the code stands, may be missing.
  invalid_json,  ///< The profile expects JSON there, and it is none, or a needed member is missing.
  invalid_value,  ///< A rule knows the record, but its code or protocol is not one the profile can read.
  envelope,       ///< The line has not the shape of the log's envelope.
  // Unrecognised:
  no_rule,    ///< No rule of the profile knows it.
  no_prefix,  ///< It does not begin as the broker's lines do: it goes on from another, or is somebody else's.
  no_topic,   ///< No rule of the profile reads messages of that topic.
  // Malformed; last, because checkpoints have the counts in this order:
  ambiguous,  ///< A client's text in it may look like the broker's: it can be read in several ways.
};
inline constexpr std::size_t kRecordErrors = 11;
constexpr std::string_view to_string(RecordError error) {
  constexpr std::string_view names[] = {"none",         "oversized",     "invalid_utf8", "cut",
                                        "invalid_json", "invalid_value", "envelope",     "no_rule",
                                        "no_prefix",    "no_topic",      "ambiguous"};
  return names[static_cast<std::size_t>(error)];
}

/// What becomes of the records that an error is told of; not for `none`.
constexpr Outcome outcome_of(RecordError error) {
  return error >= RecordError::no_rule && error <= RecordError::no_topic ? Outcome::unrecognised
                                                                         : Outcome::malformed;
}

/// The answer of a decoder for one record. Small, so that it is returned in registers.
struct Decoded {
  Outcome outcome = Outcome::unrecognised;
  RecordError error = RecordError::no_rule;  ///< Not none exactly if it is malformed or unrecognised.
  /// Id of the rule that read it; null if none did. Lives as long as the decoder.
  const std::string* rule = nullptr;
};

/// What became of several lines that were decoded at once.
struct DecodedLines {
  std::size_t bytes = 0;      ///< Of the lines, with their line ends.
  std::uint64_t matched = 0;  ///< Lines with that outcome.
  std::uint64_t ignored = 0;
  /// Of one more line, the last: it was not recognised or is malformed.
  std::optional<Decoded> strange = {};
  std::string_view strange_line = {};

  std::uint64_t lines() const { return matched + ignored + (strange ? 1U : 0U); }
};

/// What a decoder holds in memory, what its bounds cost, and what it has learnt of the broker.
struct DecoderStats {
  std::uint64_t clients_remembered = 0;  ///< Clients whose protocol is known now.
  std::uint64_t clients_forgotten =
      0;  ///< Clients dropped because the memory was full: their later events have protocol "unknown".
  std::string broker_version = {};  ///< The last that a record named, as numbers: "2.0.18". Empty: none did.
  bool broker_version_checked = false;  ///< The profile was checked against it.
};

/// All events that a decoder can ever tell: the series that exist as 0 from the start.
struct Coverage {
  std::vector<ReasonEvent> codes;
  std::vector<CloseEvent> closes;
  std::vector<DenialEvent> denials;
};

/// What of its coverage the records read so far prove that the source shows. All false: nothing is proved
/// yet.
struct Visibility {
  std::array<std::array<bool, mqtt::kDirections>, mqtt::kPackets> codes{};
  std::array<bool, kActions> denials{};
  std::string level;   ///< Name of the level that the records prove; empty: none yet, or there is one only.
  std::string to_set;  ///< What the operator sets to see more; empty: nothing is hidden, or nothing is known.

  bool shows(const ReasonEvent& event) const {
    return codes[static_cast<std::size_t>(event.packet)][static_cast<std::size_t>(event.direction)];
  }
  bool shows(const DenialEvent& event) const { return denials[static_cast<std::size_t>(event.action)]; }
  void add(const ReasonEvent& event) {
    codes[static_cast<std::size_t>(event.packet)][static_cast<std::size_t>(event.direction)] = true;
  }
  void add(const DenialEvent& event) { denials[static_cast<std::size_t>(event.action)] = true; }
  void add(const Visibility& other) {  // but not its words
    for (std::size_t i = 0; i < codes.size(); ++i)
      for (std::size_t j = 0; j < codes[i].size(); ++j) codes[i][j] |= other.codes[i][j];
    for (std::size_t i = 0; i < denials.size(); ++i) denials[i] |= other.denials[i];
  }

  bool operator==(const Visibility&) const = default;
};

/// Where all that a decoder can emit is seen.
inline Visibility all_of(const Coverage& coverage) {
  Visibility all;
  for (const ReasonEvent& event : coverage.codes) all.add(event);
  for (const DenialEvent& event : coverage.denials) all.add(event);
  return all;
}

/// Reads events out of records. One thread calls one decoder.
///
/// `decode` allocates nothing in the steady state and takes time linear in the record.
class Decoder {
 public:
  virtual ~Decoder() = default;

  virtual Decoded decode(const Record& record, EventSink& sink) = 0;

  /// Decodes lines from the first on, like `decode` one by one, up to the first that is not recognised or is
  /// malformed. Stops before a line that is not one as it is: too long, with a "\r" at its end, or with a
  /// NUL at its start. Decodes none where lines are not the decoder's records.
  virtual DecodedLines decode_lines(const LineBlock& /*lines*/, EventSink& /*sink*/) { return {}; }

  /// Whether this line of a log is one that the broker writes: a rule reads it, or it begins as the broker's
  /// lines do. It is not decoded, and what the decoder remembers does not change.
  virtual bool recognises(std::string_view) { return false; }

  /// Tells the events that waited for a later record to confirm or repeat them. The feed calls it when the
  /// source has been silent for a while, and at the end of the stream.
  virtual void settle(EventSink& sink) = 0;

  /// Writes all that the meaning of later records depends on.
  virtual void save(ByteWriter& out) const = 0;
  /// Takes over what a decoder with the same profile and source kind has written. False if the bytes are not
  /// that: then it has forgotten everything, like one that is new.
  virtual bool restore(ByteReader& in) = 0;

  virtual DecoderStats stats() const = 0;
  virtual const Coverage& coverage() const = 0;
  virtual Visibility visibility() const = 0;
};

/// A decoder that reads each record by itself: it remembers nothing, and nothing waits.
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
