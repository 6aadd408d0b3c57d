// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/event/source_kind.h"
#include "exporter/profile/case.h"
#include "exporter/profile/case_table.h"
#include "exporter/profile/decode/client_memory.h"
#include "exporter/profile/match/members.h"
#include "exporter/profile/match/pattern.h"

// A profile as data: the validated and compiled content of its YAML file. Immutable after loading.
namespace mre {

/// The spelling of a rule's {code}. signed_dec is a decimal number from -128 to 255: -121 is 0x87.
enum class CodeSpelling : std::uint8_t { dec, hex, name, signed_dec };

/// The part of a line in the answer to a SUBSCRIBE or UNSUBSCRIBE; see SubackAssembler.
enum class SubscribeLine : std::uint8_t {
  none,
  subscribe_received,    ///< A SUBSCRIBE was received; its filters follow.
  filter,                ///< One filter, with the requested or granted QoS.
  filter_denied,         ///< One filter that the line says was denied.
  suback_sent,           ///< The SUBACK was sent.
  unsubscribe_received,  ///< An UNSUBSCRIBE was received; its filters follow.
  unsubscribe_filter,    ///< One filter of the UNSUBSCRIBE.
  unsuback_sent,         ///< The UNSUBACK was sent.
  log_types_change,      ///< The broker may write other kinds of lines from here on.
};

/// One example or counterexample, run whenever a profile file is loaded.
struct Example {
  struct Input {
    std::string topic;  ///< Empty for a log line.
    std::string payload;
    bool retained = false;
  };
  std::vector<Input> after;  ///< Records that precede it.
  Input input;
  std::vector<std::string> gives;  ///< The events in the order of emission, as `to_text` writes them.
  bool counterexample = false;     ///< The rule must not read it. `gives` is then checked only if present.
  bool gives_written = false;
  int line = 0;  ///< Its position in the file.
  int column = 0;
};

/// What the text of a field consists of, for subjects: "{who} from {peer}". The first of the patterns that matches is
/// used, with all its expansions. A text that none matches is left out.
struct FieldParts {
  Field field{};
  std::vector<std::vector<Pattern>> patterns;
};

/// A part of the line that may follow a filter: the broker's words, and the text of a field after them.
struct RepeatedPart {
  std::string words;
  std::optional<Field> field;  ///< nullopt: the line ends here.
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
  /// Of a line: one for each {why} and each expansion of its optional words. Of a topic: one.
  std::vector<Pattern> patterns;
  /// For each pattern: the index of the first pattern of the same line with other optional words, and the
  /// number of these patterns.
  std::vector<std::pair<std::size_t, std::size_t>> alternatives;
  std::vector<std::string> whys;  ///< The {why} of each pattern; empty if the rule has none.
  std::uint8_t sources = 0;       ///< Bit set of SourceKind.
  std::array<std::uint8_t, kSourceKinds>
      level{};  ///< By SourceKind: the lowest log level that writes the record.
  CodeSpelling spelling = CodeSpelling::dec;
  bool reads_code = false;      ///< The pattern or the members have {code} or {codes}.
  char separator = ',';         ///< Between the codes of {codes}.
  std::uint8_t echo = kNoEcho;  ///< Index of the echo group.
  bool waits = false;           ///< Its events may precede the code of the same group.
  SubscribeLine subscribe = SubscribeLine::none;
  std::vector<RepeatedPart> repeated_as;  ///< The line that may follow, with the fields of this one.
  std::optional<Version> since;           ///< The first broker version that writes this line.
  std::optional<Version> until;           ///< The first broker version that no longer writes this line.
  bool restarts = false;                  ///< The broker has started: no client is connected any more.
  bool followed = false;                  ///< Another rule's "follows" names this rule.
  bool noted = false;  ///< `until`, `restarts` or `followed` is set. Most rules have none of them.
  /// Only the client and the code matter, nothing that is remembered changes, and the rule emits a code or
  /// nothing. Most records of a debug log that are not ignored are of such rules. See
  /// RuleEvaluator::evaluate_code.
  bool code_only = false;
  /// For a rule that is code_only: the index of the case by protocol and ClientState, or kNoCase.
  std::array<std::array<std::uint8_t, kClientStates>, mqtt::kProtocols> case_of{};
  static constexpr std::uint8_t kNoCase = 0xFF;
  bool connects = false;        ///< The client is connected from here on, in every case.
  bool announces = false;       ///< A CONNECT: its protocol applies to the record that `answers` it.
  bool answers = false;         ///< A CONNACK: a client that it does not connect is refused.
  bool ends = false;            ///< The client's connection is over.
  bool always_ignored = false;  ///< It never emits an event.
  std::vector<Member> members;  ///< Of the JSON object.
  /// The same for the fields of the subject, which are read only when a subject is asked for.
  std::vector<Member> subject_members;
  std::optional<Field> payload;   ///< Of a topic without members: the field that the whole payload is.
  std::vector<FieldParts> parts;  ///< In this order; one may take apart what an earlier one has read.
  std::vector<Case> cases;
  CaseTable by_text;             ///< Of `cases`.
  bool has_other_texts = false;  ///< A case has conditions on texts that `by_text` does not compare.
  std::vector<Example> examples;
  int line = 0;  ///< Its position in the file.
  int column = 0;

  /// Whether a pattern or member has this field.
  bool reads_field(Field field) const {
    return std::ranges::any_of(patterns, [&](const Pattern& p) { return p.has(field); }) ||
           std::ranges::any_of(members, [&](const auto& m) { return m.field == field; });
  }
};

template <class Enum>
constexpr std::uint8_t bit_of(Enum value) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(value));
}

}  // namespace mre
