// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exporter/commands/lookup.h"
#include "exporter/profile/visibility.h"

// What `list brokers` shows in every format: one view for each source and level of a profile.
namespace mre {

/// One source at one level.
struct BrokerView {
  const Profile* profile;
  SourceKind kind;
  std::string level;    ///< Empty if the source has one only.
  std::string setting;  ///< What the operator sets for the level; of a source without levels, for the source.
  VisibleEvents visible;
};

/// In the order log, mqtt, and from the least level to the most.
std::vector<BrokerView> views_of(const Profile& profile);

/// What of one packet in one direction is seen. Codes whose direction the broker does not tell are in both.
struct Cell {
  CodeVisibility sight = CodeVisibility::blind;
  std::size_t codes = 0;     ///< Of the standard's codes there, how many are told.
  std::size_t standard = 0;  ///< How many the standard has there, in any version.
  bool direction_unsure = false;
};
Cell cell_of(const VisibleEvents& visible, mqtt::Packet packet, mqtt::Direction direction);

/// The directions in which the standard has codes in this packet: a client sends no CONNACK.
std::span<const mqtt::Direction> directions_of(mqtt::Packet packet);

/// Events of one packet and direction in a few lines: the versions of the protocol that share evidence and
/// codes.
struct CodeGroup {
  Evidence evidence;
  std::vector<mqtt::Protocol> protocols;
  std::vector<std::uint8_t> codes;
  bool every;  ///< They are all that the standard has there for these versions.
};
std::vector<CodeGroup> groups_of(const VisiblePacket& packet);

/// "PUBACK sent" of everything that is blind.
std::vector<std::string> blind_spots(const VisibleEvents& visible);

/// One profile in full.
std::string render_broker(const Profile& profile, ListFormat format);
std::string broker_json(const Profile& profile);  ///< One JSON object, without a newline behind.

}  // namespace mre
