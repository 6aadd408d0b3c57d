// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "exporter/commands/lookup.h"
#include "exporter/profile/visibility.h"

// What `list brokers` shows in all formats: one view for each source and log level of a profile.
namespace mre {

/// One source at one level.
struct BrokerView {
  const Profile* profile;
  SourceKind kind;
  std::string level;    ///< Empty if the source has no levels.
  std::string setting;  ///< The broker setting for this level, or for the source if it has no levels.
  VisibleEvents visible;
};

/// In the order log, mqtt, from the lowest level to the highest.
std::vector<BrokerView> views_of(const Profile& profile);

/// How visible one packet is in one direction. Codes without a direction in the record are in both.
struct Cell {
  CodeVisibility visibility = CodeVisibility::blind;
  std::size_t codes = 0;     ///< How many of the standard's codes are reported.
  std::size_t standard = 0;  ///< Codes of the standard, in any version; 0 if the packet is blind.
  bool direction_unsure = false;
};
Cell cell_of(const VisibleEvents& visible, mqtt::Packet packet, mqtt::Direction direction);

/// The directions in which the standard defines codes for this packet: a client does not send CONNACK.
std::span<const mqtt::Direction> directions_of(mqtt::Packet packet);

/// A group of events of one packet and direction: the protocol versions with the same evidence and codes.
struct CodeGroup {
  Evidence evidence;
  std::vector<mqtt::Protocol> protocols;
  std::vector<std::uint8_t> codes;
  bool every;  ///< They are all codes that the standard defines for these versions.
};
std::vector<CodeGroup> groups_of(const VisiblePacket& packet);

/// Everything that is not visible, such as "PUBACK sent".
std::vector<std::string> blind_spots(const VisibleEvents& visible);

/// The details of one profile.
std::string render_broker(const Profile& profile, ListFormat format);
std::string broker_json(const Profile& profile);  ///< One JSON object, without a newline at the end.

}  // namespace mre
