// SPDX-License-Identifier: Apache-2.0
// `list codes` in its three formats.
#include <array>
#include <vector>

#include "exporter/cli/columns.h"
#include "exporter/commands/lookup.h"
#include "exporter/mqtt/reason_code.h"
#include "exporter/mqtt/reason_text.h"

namespace mre {
namespace {

using mqtt::hex;
using mqtt::Packet;
using mqtt::packet_list;
using mqtt::Reason;
using mqtt::sender_text;

constexpr std::array<std::string_view, mqtt::kPackets> kHeads = {"CON", "PUB", "REC", "REL", "CMP",
                                                                 "SUB", "UNS", "DIS", "AUT"};

/// "b", "c" or "bc" under each packet: who sends the code in it.
std::string matrix_line(const Reason& reason) {
  std::string out = "  " + hex(reason.code) + "  " + padded_left(std::to_string(reason.code), 3) + "  " +
                    padded(reason.name, 39);
  for (std::size_t i = 0; i < mqtt::kPackets; ++i) {
    const auto packet = static_cast<Packet>(i);
    std::string cell = contains(reason.by_broker, packet) ? "b" : "";
    if (contains(reason.by_client, packet)) cell += 'c';
    out += ' ' + padded(cell.empty() ? "." : cell, 3);
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out + '\n';
}

std::string line_3_1_1(const Reason& reason) {
  return "  " + hex(reason.code) + "  " + padded_left(std::to_string(reason.code), 3) + "  " +
         padded(packet_list(reason.packets), 9) + padded(to_string(reason.cls), 9) +
         std::string(reason.name) + '\n';
}

std::string text_list() {
  std::string out = padded("MQTT 5.0", 52);
  for (const std::string_view head : kHeads) out += ' ' + std::string(head);
  out += '\n';
  std::optional<mqtt::Class> group;
  for (const Reason& reason : mqtt::reasons()) {
    if (reason.protocol != mqtt::Protocol::v5) continue;
    if (group != reason.cls) out += std::string(to_string(reason.cls)) + '\n';
    group = reason.cls;
    out += matrix_line(reason);
  }
  out += "\nMQTT 3.1.1 and 3.1, sent by the broker\n";
  for (const Reason& reason : mqtt::reasons()) {
    if (reason.protocol != mqtt::Protocol::v5) out += line_3_1_1(reason);
  }
  return out +
         "\nb: the broker sends it, c: the client. Columns: CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP,\n"
         "SUBACK, UNSUBACK, DISCONNECT, AUTH.\n"
         "`mqtt-reason-exporter lookup 0x87` explains one code.\n";
}

std::string json_list(const std::vector<const Reason*>& rows) {
  std::string out = "[";
  for (const Reason* reason : rows)
    out += (out.size() == 1 ? "{" : ",\n {") + mqtt::json_members(*reason) + '}';
  return out + "]\n";
}

std::string markdown_list(const std::vector<const Reason*>& rows) {
  std::string out =
      "| MQTT | Code | Decimal | Name | `reason` | Class | Packets | Sent by | Meaning | First step |\n"
      "| --- | --- | ---: | --- | --- | --- | --- | --- | --- | --- |\n";
  for (const Reason* row : rows) {
    const Reason& reason = *row;
    for (const std::string& cell :
         {std::string(to_string(reason.protocol)), '`' + hex(reason.code) + '`', std::to_string(reason.code),
          std::string(reason.name), '`' + std::string(reason.label) + '`', std::string(to_string(reason.cls)),
          packet_list(reason.packets), sender_text(reason), std::string(reason.meaning),
          std::string(reason.first_step)}) {
      out += "| " + cell + ' ';
    }
    out += "|\n";
  }
  return out;
}

}  // namespace

std::string render_codes(ListFormat format, const std::vector<const Reason*>& rows) {
  return format == ListFormat::markdown ? markdown_list(rows) : json_list(rows);
}

std::string render_codes(ListFormat format) {
  if (format == ListFormat::text) return text_list();
  std::vector<const Reason*> all;
  for (const Reason& reason : mqtt::reasons()) all.push_back(&reason);
  return render_codes(format, all);
}

}  // namespace mre
