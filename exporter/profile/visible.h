// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "exporter/profile/profile.h"

// What a broker reveals: the view for people of what its profile can tell from one source at one level of it.
namespace mre {

/// A rule that tells codes of one packet and direction.
struct Carrier {
  std::string rule;  ///< Its id.
  Evidence evidence = Evidence::inferred;
  /// It counts only where no record with the code came: at this level another rule of its echo group, or what
  /// is known of the client, comes first.
  bool only_without_code = false;
};

/// How much is told of one packet in one direction.
enum class Sight : std::uint8_t {
  blind,
  words,  ///< Every code is inferred from the record's words.
  mixed,  ///< Some codes stand in the records, others are inferred.
  exact,  ///< Every code that is told stands in a record.
};
std::string_view to_string(Sight sight);

struct VisiblePacket {
  mqtt::Packet packet{};
  mqtt::Direction direction{};
  std::vector<ReasonEvent> events;  ///< Sorted.
  std::vector<Carrier>
      carriers;  ///< Explicit ones first, then those that need no other; else as in the profile.

  Sight sight() const;
  std::vector<std::uint8_t> codes() const;  ///< Of any protocol and evidence, each once, sorted.
};

struct Visible {
  std::vector<VisiblePacket> packets;  ///< By packet, then direction; what is blind is missing.
  std::vector<CloseEvent> closes;
  std::vector<DenialEvent> denials;

  /// Null if it is blind.
  const VisiblePacket* find(mqtt::Packet packet, mqtt::Direction direction) const;
};

/// What the rules tell at one level of a source: an index into its `levels`, 0 if it has none.
Visible visible(const Profile& profile, SourceKind kind, std::size_t level);

}  // namespace mre
