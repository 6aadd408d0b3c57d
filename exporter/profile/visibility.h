// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exporter/profile/profile.h"

// What a broker shows at one level of a source, derived from its profile, for people.
namespace mre {

/// A rule that emits codes of one packet and direction.
struct Carrier {
  std::string rule;  ///< Its id.
  Evidence evidence = Evidence::inferred;
  /// It emits a code only if no record with the code was read: at this level another rule of its echo group,
  /// or the known state of the client, has priority.
  bool only_without_code = false;
};

/// How much the records show of one packet in one direction.
enum class CodeVisibility : std::uint8_t {
  blind,  ///< Nothing.
  words,  ///< Every code is inferred from the record's words.
  mixed,  ///< Some codes are in the records, others are inferred.
  exact,  ///< Every code is in a record.
};
std::string_view to_string(CodeVisibility visibility);

struct VisiblePacket {
  mqtt::Packet packet{};
  mqtt::Direction direction{};
  std::vector<ReasonEvent> events;  ///< Sorted.
  std::vector<Carrier>
      carriers;  ///< Explicit ones first, then those without `only_without_code`; else in profile order.

  CodeVisibility visibility() const;
  std::vector<std::uint8_t> codes() const;  ///< Distinct codes of all protocols and evidences, sorted.
};

struct VisibleEvents {
  std::vector<VisiblePacket> packets;  ///< By packet, then direction, without blind ones.
  std::vector<CloseEvent> closes;
  std::vector<DenialEvent> denials;

  /// Null if this packet and direction is blind.
  const VisiblePacket* find(mqtt::Packet packet, mqtt::Direction direction) const;
};

/// What the rules can emit at one level of a source. `level` is an index into its `levels`; 0 if it has none.
VisibleEvents visible_events(const Profile& profile, SourceKind kind, std::size_t level);

}  // namespace mre
