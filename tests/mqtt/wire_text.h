// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/mqtt/wire.h"

/// Packets as hexadecimal text, and the events of a PacketReader as text.
namespace mre::test {

/// "10 0f 0004" as bytes; spaces are ignored.
inline std::string bytes_of(std::string_view hex) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string bytes;
  bool high = true;
  for (const char c : hex) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) continue;
    if (high) {
      bytes += static_cast<char>(digit << 4U);
    } else {
      bytes.back() = static_cast<char>(static_cast<unsigned char>(bytes.back()) | digit);
    }
    high = !high;
  }
  return bytes;
}

/// "PUBACK 0x10", "CONNECT 5.0 keep 60", "SUBACK ambiguous", "broken".
inline std::string text_of(const mqtt::PacketEvent& event, mqtt::Version version) {
  using Kind = mqtt::PacketEvent::Kind;
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const std::string packet(mqtt::to_string(event.packet));
  switch (event.kind) {
    case Kind::connect:
      return "CONNECT " + std::string(mqtt::to_string(mqtt::protocol_of(version))) + " keep " +
             std::to_string(event.keep_alive);
    case Kind::code:
      return packet + " 0x" + kHex[event.code >> 4U] + kHex[event.code & 0xFU];
    case Kind::no_code:
      return packet + " no_code";
    case Kind::ambiguous:
      return packet + " ambiguous";
    case Kind::malformed:
      return packet + " malformed";
    case Kind::misplaced:
      return "misplaced";
    case Kind::broken:
      break;
  }
  return "broken";
}

/// All events, and the version at the end.
struct Reading {
  std::string events;
  mqtt::Version version = mqtt::Version::unknown;
  bool at_boundary = true;

  bool operator==(const Reading&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Reading& reading) {
    return out << '"' << reading.events << "\" version " << int{static_cast<std::uint8_t>(reading.version)}
               << (reading.at_boundary ? "" : ", inside a packet");
  }
};

/// `cuts` are offsets, rising.
inline Reading read_in_pieces(std::string_view bytes, const std::vector<std::size_t>& cuts,
                              mqtt::Version before, mqtt::PacketReader reader = {}) {
  Reading out{.events = {}, .version = before};
  const auto read = [&](std::string_view piece) {
    while (const auto event = reader.next(piece, out.version)) {
      if (!out.events.empty()) out.events += "; ";
      out.events += text_of(*event, out.version);
    }
  };
  std::size_t from = 0;
  for (const std::size_t cut : cuts) {
    read(bytes.substr(from, cut - from));
    from = cut;
  }
  read(bytes.substr(from));
  out.at_boundary = reader.at_boundary();
  return out;
}

inline Reading read_whole(std::string_view bytes, mqtt::Version before) {
  return read_in_pieces(bytes, {}, before);
}

}  // namespace mre::test
