// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/broker_view.h"

#include <algorithm>
#include <set>

namespace mre {
namespace {

using mqtt::Direction;
using mqtt::Packet;
using mqtt::Protocol;

constexpr std::size_t kBytes = 256;

std::set<std::uint8_t> standard_codes(Protocol protocol, Packet packet, Direction direction) {
  std::set<std::uint8_t> codes;
  for (std::size_t code = 0; code < kBytes; ++code) {
    const auto byte = static_cast<std::uint8_t>(code);
    if (mqtt::allowed(protocol, packet, direction, byte)) codes.insert(byte);
  }
  return codes;
}

}  // namespace

std::vector<BrokerView> views_of(const Profile& profile) {
  std::vector<BrokerView> views;
  for (const SourceKind kind : kProfiledKinds) {
    const ProfileSource& source = profile.source(kind);
    if (!source.supported) continue;
    if (source.levels.empty())
      views.push_back({&profile, kind, "", source.setting, visible_events(profile, kind, 0)});
    for (std::size_t i = 0; i < source.levels.size(); ++i) {
      views.push_back({&profile, kind, source.levels[i].name, source.levels[i].setting,
                       visible_events(profile, kind, i)});
    }
  }
  return views;
}

Cell cell_of(const VisibleEvents& visible, Packet packet, Direction direction) {
  Cell cell;
  VisiblePacket both{packet, direction, {}, {}};
  for (const Direction reported : {direction, Direction::unknown}) {
    const VisiblePacket* seen = visible.find(packet, reported);
    if (seen == nullptr) continue;
    both.events.insert(both.events.end(), seen->events.begin(), seen->events.end());
    cell.direction_unsure = reported == Direction::unknown;
  }
  if (both.events.empty()) return cell;
  std::set<std::uint8_t> standard;
  for (const Protocol protocol : {Protocol::v3_1, Protocol::v3_1_1, Protocol::v5})
    standard.merge(standard_codes(protocol, packet, direction));
  cell.visibility = both.visibility();
  cell.standard = standard.size();
  cell.codes = static_cast<std::size_t>(
      std::ranges::count_if(both.codes(), [&](std::uint8_t code) { return standard.contains(code); }));
  return cell;
}

std::span<const Direction> directions_of(Packet packet) {
  static constexpr Direction kBoth[] = {Direction::sent, Direction::received};
  const bool broker_only =
      packet == Packet::connack || packet == Packet::suback || packet == Packet::unsuback;
  return std::span(kBoth).first(broker_only ? 1 : 2);
}

std::vector<CodeGroup> groups_of(const VisiblePacket& packet) {
  std::vector<CodeGroup> groups;
  for (const Evidence evidence : {Evidence::code_in_record, Evidence::inferred}) {
    for (const Protocol protocol : {Protocol::v5, Protocol::v3_1_1, Protocol::v3_1, Protocol::unknown}) {
      std::vector<std::uint8_t> codes;
      for (const ReasonEvent& event : packet.events) {
        if (event.evidence == evidence && event.protocol == protocol) codes.push_back(event.code);
      }
      if (codes.empty()) continue;
      const auto standard = standard_codes(protocol, packet.packet, packet.direction);
      const bool every = codes.size() > 1 && std::ranges::includes(codes, standard);
      const auto same = std::ranges::find_if(groups, [&](const CodeGroup& group) {
        return group.evidence == evidence && (group.codes == codes || (group.every && every));
      });
      if (same == groups.end()) {
        groups.push_back({evidence, {protocol}, codes, every});
      } else {
        same->protocols.push_back(protocol);
      }
    }
  }
  return groups;
}

std::vector<std::string> blind_spots(const VisibleEvents& visible) {
  std::vector<std::string> blind;
  for (std::size_t i = 0; i < mqtt::kPackets; ++i) {
    const auto packet = static_cast<Packet>(i);
    for (const Direction direction : directions_of(packet)) {
      if (cell_of(visible, packet, direction).visibility == CodeVisibility::blind)
        blind.push_back(std::string(to_string(packet)) + ' ' + std::string(to_string(direction)));
    }
  }
  return blind;
}

}  // namespace mre
