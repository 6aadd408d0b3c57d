// SPDX-License-Identifier: Apache-2.0
// mqtt/reason_search finds the rows. Weak matches are shown as "See also".
#include "exporter/commands/lookup.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <vector>

#include "exporter/base/nearest.h"
#include "exporter/base/text.h"
#include "exporter/cli/columns.h"
#include "exporter/mqtt/reason_search.h"
#include "exporter/mqtt/reason_text.h"

namespace mre {
namespace {

using mqtt::hex;
using mqtt::Packet;
using mqtt::packet_list;
using mqtt::Protocol;
using mqtt::Reason;
using mqtt::sender_text;
using mqtt::version_text;
using mqtt::words_of;

void append_card(std::string& out, const Reason& reason) {
  const std::string title =
      hex(reason.code) + " (" + std::to_string(reason.code) + ")  " + std::string(reason.name);
  const std::string kind = version_text(reason) + ", " + std::string(to_string(reason.cls));
  out += title;
  out.append(std::max<std::size_t>(2, kWidth - std::min(kWidth, columns(title) + columns(kind))), ' ');
  out += kind + '\n';
  const auto line = [&](std::string_view label, std::string_view text) {
    out += padded("  " + std::string(label), 14) + wrapped(text, 14) + '\n';
  };
  line("Packets", packet_list(reason.packets));
  line("Sent by", sender_text(reason));
  line("Label", "reason=\"" + std::string(reason.label) + '"');
  line("Meaning", reason.meaning);
  line("First step", reason.first_step);
  line("Standard", "MQTT " + std::string(reason.section));
}

/// Who sends it in this packet; with no packet, over all packets.
std::string_view sender_in(const Reason& reason, std::optional<Packet> packet) {
  const mqtt::PacketSet asked = packet ? set_of(*packet) : reason.packets;
  const bool broker = (reason.by_broker & asked) != 0;
  const bool client = (reason.by_client & asked) != 0;
  return broker && client ? "both" : broker ? "broker" : "client";
}

void append_table(std::string& out, const std::vector<const Reason*>& rows, std::optional<Packet> packet) {
  out += "code  dec  MQTT   sent by  class          name\n";
  for (const Reason* reason : rows) {
    out += hex(reason->code) + "  " + padded_left(std::to_string(reason->code), 3) + "  ";
    out += padded(to_string(reason->protocol), 7) + padded(sender_in(*reason, packet), 9);
    out += padded(to_string(reason->cls), 15) + std::string(reason->name) + '\n';
  }
}

/// The reasons of ends and denials that no code has, a paragraph each.
std::string codeless_text(std::string_view query) {
  std::string out;
  for (const mqtt::CloseReasonRow* row : mqtt::find_reasons_without_code(query)) {
    out += "  " + padded("reason=\"" + std::string(row->label) + '"', 29) +
           wrapped(std::string(row->meaning) + " Class: " + std::string(to_string(row->cls)) + '.', 31) +
           '\n';
  }
  return out.empty() ? out : "Ends and denials that have no code\n" + out;
}

std::string render(const std::vector<const Reason*>& rows, const std::vector<const Reason*>& see_also,
                   std::optional<Packet> packet) {
  constexpr std::size_t kMaxCards = 5;  // 0x00 has five meanings
  std::string out;
  if (rows.size() > kMaxCards) {
    append_table(out, rows, packet);
    out += "\n`mqtt-reason-exporter lookup " + hex(rows.back()->code) + "` explains one code.\n";
  } else {
    for (const Reason* reason : rows) {
      if (!out.empty()) out += '\n';
      append_card(out, *reason);
    }
  }
  if (see_also.empty()) return out;
  out += "\nSee also\n";
  for (const Reason* reason : see_also) {
    out += "  " + hex(reason->code) + "  " + std::string(reason->name) + '\n';
  }
  return out;
}

std::string no_such_code(std::string_view query, unsigned code) {
  if (code > 255)
    return '"' + printable(query, 60) + "\" is not a reason code: codes are 0x00 (0) to 0xFF (255).\n";
  const auto byte = static_cast<std::uint8_t>(code);
  const auto cls = mqtt::classify(Protocol::unknown, Packet::disconnect, byte);
  return "No version of MQTT defines " + hex(byte) + " (" + std::to_string(code) +
         ").\nIf a broker sends it, it is counted as\n  code=\"" + hex(byte) +
         "\", reason=\"unknown\", class=\"" + std::string(to_string(cls)) + "\".\n";
}

/// The code that "87" or "8d" is in hex, without its 0x.
std::string near_code(std::string_view word) {
  unsigned code = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), code, 16);
  if (error != std::errc{} || end != word.data() + word.size() || word.size() > 2) return {};
  for (const Reason& reason : mqtt::reasons()) {
    if (reason.code == code) return hex(reason.code) + ", " + std::string(reason.name);
  }
  return {};
}

/// The name, or the word of a name, that a misspelt word is nearest to; empty if none is near.
std::string near_name(std::string_view word) {
  constexpr std::size_t kMinLength = 4;  // nearly all short words are near each other
  const std::string wanted = lower_case(word);
  std::vector<std::string> names;
  for (const Reason& reason : mqtt::reasons()) {
    names.emplace_back(reason.label);
    for (const std::string_view part : words_of(reason.name)) names.push_back(lower_case(part));
  }
  for (std::size_t i = 0; i < mqtt::kPackets; ++i)
    names.push_back(lower_case(to_string(static_cast<Packet>(i))));
  std::erase_if(names, [](const std::string& name) { return name.size() < kMinLength; });
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto near = wanted.size() < kMinLength ? std::nullopt : nearest(wanted, views);
  return near ? std::string(*near) : std::string();
}

/// "Did you mean …?" for the first word that matches no code by itself; empty if nothing is near.
std::string did_you_mean(const std::vector<std::string_view>& words) {
  for (const std::string_view word : words) {
    const auto matches = [&](const Reason& reason) { return match_word(reason, word) != mqtt::Match::none; };
    if (std::ranges::any_of(mqtt::reasons(), matches)) continue;
    std::string near = words.size() == 1 ? near_code(word) : "";
    if (near.empty()) near = near_name(word);
    if (!near.empty()) return "Did you mean " + near + "?\n";
  }
  return {};
}

std::string nothing_found(std::string_view query, const std::vector<std::string_view>& words) {
  std::string out;
  const auto code = words.size() == 1 ? mqtt::code_number(words[0]) : std::nullopt;
  if (words.empty()) {
    out = "The query is empty.\n";
  } else if (code) {
    out = no_such_code(query, *code);
  } else {
    out = "No reason code matches \"" + printable(query, 60) + "\".\n";
  }
  out += did_you_mean(words);
  return out +
         "\nSearch by\n"
         "  code       lookup 0x87            lookup 135\n"
         "  name       lookup not_authorized  lookup keep alive\n"
         "  packet     lookup UNSUBACK        lookup CONNACK 5\n"
         "  meaning    lookup token           lookup ACL\n"
         "  class      lookup informational   lookup error 3.1.1\n"
         "\n`mqtt-reason-exporter list codes` lists all codes.\n";
}

}  // namespace

LookupAnswer render_lookup(std::string_view query, ListFormat format) {
  const std::vector<std::string_view> words = words_of(query);
  const mqtt::ReasonMatches found = mqtt::find_reasons(query);
  if (format != ListFormat::text) return {render_codes(format, found.strong), !found.strong.empty()};
  const std::string codeless = words.empty() ? std::string() : codeless_text(query);
  if (found.strong.empty())
    return {codeless.empty() ? nothing_found(query, words) : codeless, !codeless.empty()};
  std::optional<Packet> packet;
  for (const std::string_view word : words) {
    if (!packet) packet = mqtt::packet_from(word);
  }
  return {render(found.strong, found.weak, packet) + (codeless.empty() ? "" : '\n' + codeless), true};
}

}  // namespace mre
