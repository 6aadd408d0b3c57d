// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/event/reason_event.h"
#include "exporter/event/source_kind.h"
#include "exporter/profile/decode/client_memory.h"
#include "exporter/profile/match/pattern.h"

// A profile as data: what the YAML says, checked and compiled. Nothing here is changed after loading.
namespace mre {

/// How a rule's {code} is written. A signed_dec is a byte from -128 to 255: -121 is 0x87.
enum class CodeSpelling : std::uint8_t { dec, hex, name, signed_dec };

/// What a line has to do with the answer to a SUBSCRIBE or UNSUBSCRIBE; see SubscribeTracker.
enum class SubscribeLine : std::uint8_t {
  none,
  subscribe_received,    ///< A client's SUBSCRIBE: its filters follow.
  filter,                ///< One filter, and the QoS asked for or granted.
  filter_denied,         ///< One filter that was denied, in so many words.
  suback_sent,           ///< The SUBACK went out.
  unsubscribe_received,  ///< A client's UNSUBSCRIBE: its filters follow.
  unsubscribe_filter,    ///< One filter of it.
  unsuback_sent,         ///< The UNSUBACK went out.
  log_types_change,      ///< From here on the broker may write other lines.
};

struct Version {
  std::array<std::uint16_t, 3> parts{};
  auto operator<=>(const Version&) const = default;
};

/// The conditions of a case. All must hold; an empty one always holds.
struct When {
  std::vector<std::string> why;
  std::vector<std::string> why_begins;  ///< Of a member: what its text must begin with.
  std::vector<std::string> event;
  std::vector<std::string> event_begins;                     ///< The same of the member of event.
  std::uint8_t protocols = 0;                                ///< Bit set of mqtt::Protocol.
  std::uint8_t clients = 0;                                  ///< Bit set of ClientState.
  std::vector<std::pair<std::uint8_t, std::uint8_t>> codes;  ///< Ranges, both ends included.
  std::optional<Version> from_version;    ///< The broker's version is known and at least this.
  std::optional<Version> before_version;  ///< The broker's version is known and older than this.
  std::vector<std::string> follows;       ///< Rules, one of which read the record just before.
  bool more = false;  ///< There are conditions besides protocols and clients: most cases have none.

  /// Whether the codes asked for include this one; any will do where none are named.
  bool takes(std::uint8_t code) const {
    return codes.empty() || std::ranges::any_of(codes, [&](const auto& range) {
             return range.first <= code && code <= range.second;
           });
  }

  bool asks_for_words() const {
    return !(why.empty() && why_begins.empty() && event.empty() && event_begins.empty());
  }
};

/// What a case tells.
struct Tell {
  enum class Kind : std::uint8_t { nothing, code, close, denial };
  Kind kind = Kind::nothing;

  mqtt::Packet packet{};
  mqtt::Direction direction{};
  std::optional<mqtt::Protocol> protocol;  ///< Fixed; else from the record, else from the client's memory.
  std::optional<std::uint8_t> code;        ///< Fixed; else from the record.
  std::optional<Evidence>
      evidence;  ///< Fixed; else explicit for a code from the record, inferred for a fixed one.
  /// The byte that this broker sends for the code in the record. A code that is not listed stays as it is,
  /// inferred.
  std::vector<std::pair<std::uint8_t, std::uint8_t>> bytes;

  mqtt::CloseReason reason{};  ///< Of a close or a denial.
  mqtt::Initiator initiator = mqtt::Initiator::unknown;
  Action action{};
  bool or_code = false;  ///< Of a denial: the record does not say whether a PUBACK or PUBREC has a code.
};

struct Case {
  When when;
  Tell tell;
  bool connects = false;  ///< The client is connected from here on.
};

/// One example or counterexample, run whenever the profile is loaded.
struct Example {
  struct Input {
    std::string topic;  ///< Empty for a log line.
    std::string payload;
    bool retained = false;
  };
  std::vector<Input> after;  ///< Records that come before.
  Input input;
  std::vector<std::string> gives;  ///< The events in order of telling, as `to_text` writes them.
  bool counterexample =
      false;  ///< The rule must not read it. `gives` is then checked only if it was written.
  bool gives_written = false;
  int line = 0;  ///< Where it stands.
  int column = 0;
};

inline constexpr std::uint8_t kNoEcho = 0xFF;

struct Rule {
  std::string id;
  enum class Reads : std::uint8_t {
    line,    ///< A log line, or a message that is one.
    topic,   ///< The JSON object on a topic.
    object,  ///< A log line whose message is a JSON object.
  };
  Reads reads = Reads::line;
  /// Of the line, one for each {why} and each way to write its optional words; or the one of the topic.
  std::vector<Pattern> patterns;
  /// For each pattern: where the ones begin that are the same line with other optional words, and how many.
  std::vector<std::pair<std::size_t, std::size_t>> ways;
  std::vector<std::string> whys;                   ///< The {why} of each pattern; empty if the rule has none.
  std::uint8_t sources = 0;                        ///< Bit set of SourceKind.
  std::array<std::uint8_t, kSourceKinds> level{};  ///< By SourceKind: the least one that writes the record.
  CodeSpelling spelling = CodeSpelling::dec;
  bool reads_code = false;      ///< The pattern or the fields have {code} or {codes}.
  char separator = ',';         ///< Between the codes of {codes}.
  std::uint8_t echo = kNoEcho;  ///< Number of the echo group.
  bool waits = false;           ///< Its events may come before the code of the same group.
  SubscribeLine subscribe = SubscribeLine::none;
  std::string repeated_as;        ///< The line that may follow, made of the fields of this one.
  std::optional<Version> since;   ///< Of the broker, from which on it writes this line.
  std::optional<Version> until;   ///< Of the broker, from which on it no longer writes this line.
  bool restarts = false;          ///< The broker starts: none of its clients is connected any more.
  bool followed = false;          ///< A case asks whether its record follows one of this rule.
  bool noted = false;             ///< `until`, `restarts` or `followed`: most rules have none of them.
  bool connects = false;          ///< The client is connected from here on, whatever the case.
  bool announces = false;         ///< A CONNECT: its protocol holds for the record that `answers` it.
  bool answers = false;           ///< A CONNACK: whoever it does not connect is refused.
  bool ends = false;              ///< The client's connection is over.
  bool ignored_whatever = false;  ///< It tells nothing, whatever stands in the record.
  std::vector<std::pair<Field, std::string>> members;  ///< Of the JSON object: field and member name.
  std::vector<Case> cases;
  std::vector<Example> examples;
  int line = 0;  ///< Where the rule begins in its file.
  int column = 0;

  /// Whether one of its patterns or members has this field.
  bool reads_field(Field field) const {
    return std::ranges::any_of(patterns, [&](const Pattern& p) { return p.has(field); }) ||
           std::ranges::any_of(members, [&](const auto& m) { return m.first == field; });
  }
};

template <class Enum>
constexpr std::uint8_t bit_of(Enum value) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(value));
}

}  // namespace mre
