// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/reason_code.h"

#include "exporter/base/text.h"
#include "exporter/mqtt/reason_table.h"

namespace mre::mqtt {
namespace {

constexpr std::array<std::string_view, kPackets> kPacketNames = {
    "CONNACK", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBACK", "UNSUBACK", "DISCONNECT", "AUTH"};
constexpr std::array<std::string_view, kDirections> kDirectionNames = {"sent", "received", "unknown"};
constexpr std::array<std::string_view, kProtocols> kProtocolNames = {"3.1", "3.1.1", "5.0", "unknown"};
constexpr std::array<std::string_view, 3> kClassNames = {"success", "informational", "error"};

template <class Enum, std::size_t n>
std::string_view name_of(const std::array<std::string_view, n>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

template <class Enum, std::size_t n>
std::optional<Enum> value_of(const std::array<std::string_view, n>& names, std::string_view text) {
  for (std::size_t i = 0; i < n; ++i) {
    if (equal_ignoring_case(names[i], text)) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

// One byte leads to its row through a dense index: for MQTT 5.0, for 3.x, and for an unknown version (5.0
// first).
using Index = std::array<std::array<std::array<std::uint8_t, 256>, kPackets>,
                         3>;  // row + 1; 0: the standard has none
enum View : std::size_t { kViewV5, kViewV3, kViewUnknown };

constexpr View view_of(Protocol protocol) {
  if (protocol == Protocol::v5) return kViewV5;
  return protocol == Protocol::unknown ? kViewUnknown : kViewV3;
}

constexpr Index kIndex = [] {
  static_assert(table::kReasons.size() < 256);
  Index index{};
  for (std::size_t row = 0; row < table::kReasons.size(); ++row) {
    const Reason& reason = table::kReasons[row];
    const auto entry = static_cast<std::uint8_t>(row + 1);
    for (std::size_t packet = 0; packet < kPackets; ++packet) {
      if (!contains(reason.packets, static_cast<Packet>(packet))) continue;
      index[view_of(reason.protocol)][packet][reason.code] = entry;
      auto& unknown = index[kViewUnknown][packet][reason.code];
      if (unknown == 0) unknown = entry;  // rows of 5.0 come first
    }
  }
  return index;
}();

// A byte of 0x80 or above has the same name in every packet that may carry it. Brokers also send some in
// packets that may not (Mosquitto: PUBACK 0x95) and to 3.1.1 clients (NanoMQ: SUBACK 0x87), with the same
// meaning.
constexpr std::array<std::string_view, 256> kErrorLabels = [] {
  std::array<std::string_view, 256> labels{};
  labels.fill("unknown");
  for (const Reason& reason : table::kReasons) {
    if (reason.protocol == Protocol::v5 && reason.code >= 0x80) labels[reason.code] = reason.label;
  }
  return labels;
}();

}  // namespace

std::string_view to_string(Packet packet) { return name_of(kPacketNames, packet); }
std::string_view to_string(Direction direction) { return name_of(kDirectionNames, direction); }
std::string_view to_string(Protocol protocol) { return name_of(kProtocolNames, protocol); }
std::string_view to_string(Class cls) { return name_of(kClassNames, cls); }
std::optional<Packet> packet_from(std::string_view text) { return value_of<Packet>(kPacketNames, text); }
std::optional<Direction> direction_from(std::string_view text) {
  return value_of<Direction>(kDirectionNames, text);
}
std::optional<Protocol> protocol_from(std::string_view text) {
  return value_of<Protocol>(kProtocolNames, text);
}

std::span<const Reason> reasons() { return table::kReasons; }

const Reason* find(Protocol protocol, Packet packet, std::uint8_t code) {
  const std::uint8_t entry = kIndex[view_of(protocol)][static_cast<std::size_t>(packet)][code];
  return entry == 0 ? nullptr : &table::kReasons[entry - 1U];
}

std::string_view reason_label(Protocol protocol, Packet packet, std::uint8_t code) {
  if (const Reason* reason = find(protocol, packet, code); reason != nullptr) return reason->label;
  return kErrorLabels[code];
}

bool allowed(Protocol protocol, Packet packet, Direction direction, std::uint8_t code) {
  const Reason* reason = find(protocol, packet, code);
  if (reason == nullptr) return false;
  switch (direction) {
    case Direction::sent:
      return contains(reason->by_broker, packet);
    case Direction::received:
      return contains(reason->by_client, packet);
    case Direction::unknown:
      return true;
  }
  return false;
}

std::optional<std::uint8_t> connack_3_1_1_from_5_0(std::uint8_t code) {
  switch (code) {
    case 0x00:
      return 0;
    case 0x80:  // the nearest 3.1.1 code for an unspecified or protocol error
    case 0x81:
    case 0x82:
    case 0x83:
    case 0x84:
      return 1;
    case 0x85:
      return 2;
    case 0x88:
    case 0x89:
    case 0x90:
    case 0x97:
    case 0x9C:
    case 0x9D:
    case 0x9F:
      return 3;
    case 0x86:
      return 4;
    case 0x87:
    case 0x8A:
    case 0x8C:
      return 5;
    default:
      return std::nullopt;
  }
}

}  // namespace mre::mqtt
