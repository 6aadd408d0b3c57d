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
#include "exporter/mqtt/reason_code.h"

// A case of a rule: what a record must be like, and what is emitted then.
namespace mre {

struct Version {
  std::array<std::uint16_t, 3> parts{};
  auto operator<=>(const Version&) const = default;
};

/// The conditions of a case. All must hold; an empty condition always holds.
struct When {
  std::vector<std::string> why;
  std::vector<std::string> why_begins;  ///< Prefixes of the text of the {why} member.
  std::vector<std::string> event;
  std::vector<std::string> event_begins;                     ///< Prefixes of the text of the {event} member.
  std::uint8_t protocols = 0;                                ///< Bit set of mqtt::Protocol.
  std::uint8_t clients = 0;                                  ///< Bit set of ClientState.
  std::vector<std::pair<std::uint8_t, std::uint8_t>> codes;  ///< Ranges, both ends included.
  std::optional<Version> from_version;    ///< The broker's version is known and at least this.
  std::optional<Version> before_version;  ///< The broker's version is known and older than this.
  std::vector<std::string> follows;       ///< Rules, one of which must have read the preceding record.
  bool more = false;  ///< There are conditions besides texts, protocols and clients. Most cases have none.

  /// Whether `codes` includes this code; an empty `codes` includes all.
  bool includes(std::uint8_t code) const {
    return codes.empty() || std::ranges::any_of(codes, [&](const auto& range) {
             return range.first <= code && code <= range.second;
           });
  }

  bool has_text_conditions() const {
    return !(why.empty() && why_begins.empty() && event.empty() && event_begins.empty());
  }
};

/// What a case emits.
struct Emission {
  enum class Kind : std::uint8_t { nothing, code, close, denial };
  Kind kind = Kind::nothing;

  mqtt::Packet packet{};
  mqtt::Direction direction{};
  std::optional<mqtt::Protocol>
      protocol;                      ///< Fixed; otherwise from the record or the client's earlier records.
  std::optional<std::uint8_t> code;  ///< Fixed; otherwise from the record.
  std::optional<Evidence>
      evidence;  ///< Fixed; otherwise explicit for a code from the record, inferred for a fixed one.
  /// Maps the code in the record to the byte that this broker sends. A code that is not listed is emitted
  /// unchanged, as inferred.
  std::vector<std::pair<std::uint8_t, std::uint8_t>> bytes;

  mqtt::CloseReason reason{};  ///< For a close or a denial.
  mqtt::Initiator initiator = mqtt::Initiator::unknown;
  Action action{};
  bool or_code = false;  ///< For a denial: a PUBACK or PUBREC may have a code; the record does not say.
};

struct Case {
  When when;
  Emission emission;
  bool connects = false;  ///< The client is connected from here on.
};

}  // namespace mre
