// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/reason_text.h"

#include "exporter/base/text.h"

namespace mre::mqtt {
namespace {

/// Calls `with` for each packet of the set, in the order of the enumeration.
void for_each(PacketSet packets, auto&& with) {
  for (std::size_t i = 0; i < kPackets; ++i) {
    if (const auto packet = static_cast<Packet>(i); contains(packets, packet)) with(packet);
  }
}

std::string json_string(std::string_view text) { return '"' + json_escape(text) + '"'; }

std::string json_packets(PacketSet packets) {
  std::string out;
  for_each(packets, [&](Packet packet) {
    out += out.empty() ? "" : ",";
    out += json_string(to_string(packet));
  });
  return '[' + out + ']';
}

}  // namespace

std::string hex(std::uint8_t code) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  return {'0', 'x', kDigits[code >> 4U], kDigits[code & 0xFU]};
}

std::string version_text(const Reason& reason) { return "MQTT " + std::string(to_string(reason.protocol)); }

std::string packet_list(PacketSet packets) {
  std::string out;
  for_each(packets, [&](Packet packet) {
    if (!out.empty()) out += ", ";
    out += to_string(packet);
  });
  return out;
}

std::string sender_text(const Reason& reason) {
  if (reason.sender == Sender::broker) return "broker";
  if (reason.sender == Sender::client) return "client";
  if (reason.by_broker == reason.by_client) return "broker or client";
  return "broker; in " + packet_list(reason.by_client) + " also client";
}

std::string json_members(const Reason& reason) {
  std::string out =
      "\"code\":" + json_string(hex(reason.code)) + ",\"decimal\":" + std::to_string(reason.code);
  const auto add = [&](const char* name, const std::string& value) {
    out.append(",\"").append(name).append("\":").append(value);
  };
  add("protocol", json_string(to_string(reason.protocol)));
  add("name", json_string(reason.name));
  add("reason", json_string(reason.label));
  add("class", json_string(to_string(reason.cls)));
  add("packets", json_packets(reason.packets));
  add("broker_sends_in", json_packets(reason.by_broker));
  add("client_sends_in", json_packets(reason.by_client));
  add("meaning", json_string(reason.meaning));
  add("first_step", json_string(reason.first_step));
  add("section", json_string(reason.section));
  return out;
}

}  // namespace mre::mqtt
