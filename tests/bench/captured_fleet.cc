// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/captured_fleet.h"

#include <algorithm>
#include <array>

namespace mre {
namespace {

using namespace std::string_literals;

constexpr std::uint32_t kFleet = 0x0A000001;  // addresses from 10.0.0.1 on
constexpr std::uint32_t kFirstRefusedAddress = 0x0B000001;
constexpr std::size_t kSegmentsAtATime = 4;

std::string number(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xFFU);
  return out;
}

std::string text(const std::string& value) {
  return number(static_cast<std::uint32_t>(value.size()), 2) + value;
}

/// A control packet, or its head if `more` bytes follow.
std::string packet(unsigned first, const std::string& body, std::size_t more = 0) {
  std::string out(1, static_cast<char>(first));
  std::size_t length = body.size() + more;
  do {
    out += static_cast<char>(length % 128 | (length >= 128 ? 0x80U : 0U));
    length /= 128;
  } while (length != 0);
  return out + body;
}

/// What devices send, of any length.
std::string_view payload(std::size_t bytes) {
  static const std::string text = [] {
    std::string out;
    while (out.size() < 66'000) {
      out += "{\"t\":" + std::to_string(1795322238 + out.size()) + ",\"celsius\":21.5,\"volts\":3.29},";
    }
    return out;
  }();
  return std::string_view(text).substr(0, bytes);
}

}  // namespace

CapturedFleet::CapturedFleet(std::FILE* file, std::uint64_t bytes, std::uint32_t connections) : out_(file) {
  clients_.reserve(connections);
  for (std::uint32_t i = 0; i < connections; ++i) {
    clients_.push_back({{kFleet + i, 32768}, i % 20 < 9});
    connect(clients_.back());
  }
  while (out_.bytes() < bytes) something(clients_[below(connections)]);
  out_.flush();
}

void CapturedFleet::code(const char* packet, const char* direction, const Client& client, unsigned code) {
  std::array<char, 64> key{};
  std::snprintf(key.data(), key.size(), "%s %s %s 0x%02X", packet, direction, client.v5 ? "5.0" : "3.1.1",
                code);
  ++happened_[key.data()];
}

void CapturedFleet::close_without_code(const Client& client, const char* reason) {
  ++happened_["close "s + (client.v5 ? "5.0 " : "3.1.1 ") + reason + " client"];
}

/// Both sides speak; the second one's segment acknowledges the first one's.
void CapturedFleet::exchange(Client& client, Side sender, const std::string& bytes,
                             const std::string& answer) {
  const Side other = sender == Side::client ? Side::broker : Side::client;
  out_.send(client.tcp, sender, bytes);
  if (answer.empty()) {
    out_.acknowledge(client.tcp, other);
  } else {
    out_.send(client.tcp, other, answer);
    out_.acknowledge(client.tcp, sender);
  }
}

std::string CapturedFleet::acknowledgement(unsigned first, const Client& client, unsigned code) {
  std::string body = number(client.packet_id, 2);
  if (client.v5 && code != 0) body += static_cast<char>(code);
  return packet(first, body);
}

std::string CapturedFleet::publish_packet(Client& client, unsigned qos, std::size_t bytes) {
  std::string body =
      text("site/" + std::to_string(client.tcp.address % 97) + "/unit/" + std::to_string(client.tcp.address));
  if (qos != 0) body += number(++client.packet_id, 2);
  if (client.v5) body += '\0';
  return packet(0x30U | qos << 1U, body, bytes);
}

void CapturedFleet::connect(Client& client) {
  out_.open(client.tcp);
  const std::string id = "device-" + std::to_string(client.tcp.address);
  const std::string head =
      text("MQTT") + (client.v5 ? "\x05\xC2\x00\x3C\x05\x11\x00\x00\x0E\x10"s : "\x04\xC2\x00\x3C"s);
  exchange(client, Side::client, packet(0x10, head + text(id) + text("fleet") + text("secret")),
           client.v5 ? "\x20\x09\x00\x00\x06\x22\x00\x0A\x21\x00\x14"s : "\x20\x02\x00\x00"s);
  code("CONNACK", "sent", client, 0);
}

/// A device of which the broker does not want to know.
void CapturedFleet::refuse(bool v5) {
  Client client{{kFirstRefusedAddress + refused_++, 32768}, v5};
  out_.open(client.tcp);
  const std::string head = text("MQTT") + (client.v5 ? "\x05\xC2\x00\x3C\x00"s : "\x04\xC2\x00\x3C"s);
  exchange(client, Side::client, packet(0x10, head + text("device-x") + text("fleet") + text("wrong")),
           client.v5 ? "\x20\x03\x00\x87\x00"s : "\x20\x02\x00\x05"s);
  code("CONNACK", "sent", client, client.v5 ? 0x87 : 0x05);
  out_.close(client.tcp, Side::broker);
}

void CapturedFleet::something(Client& client) {
  if (client.unsent != 0) return go_on(client);
  const unsigned chance = below(1000);
  if (chance < 380) return publish(client, 1);
  if (chance < 560) return publish(client, 0);
  if (chance < 730) return forward(client, 1);
  if (chance < 880) return forward(client, 0);
  if (chance < 940) return ping(client);
  if (chance < 980) return complete(client);
  if (chance < 983) return begin_large(client);
  if (chance < 990) return subscribe(client);
  if (chance < 997) return end(client);
  refuse(client.v5);
}

void CapturedFleet::publish(Client& client, unsigned qos) {
  const std::size_t bytes = 1 + below(160);
  const std::string sent = publish_packet(client, qos, bytes) + std::string(payload(bytes));
  if (qos == 0) return exchange(client, Side::client, sent, {});
  const unsigned answer = one_in(50) ? 0x87 : one_in(4) ? 0x10 : 0x00;
  exchange(client, Side::client, sent, acknowledgement(0x40, client, answer));
  if (client.v5) code("PUBACK", "sent", client, answer);
}

void CapturedFleet::forward(Client& client, unsigned qos) {
  const std::size_t bytes = 1 + below(160);
  const std::string sent = publish_packet(client, qos, bytes) + std::string(payload(bytes));
  if (qos == 0) return exchange(client, Side::broker, sent, {});
  const unsigned answer = one_in(100) ? 0x97 : 0x00;
  exchange(client, Side::broker, sent, acknowledgement(0x40, client, answer));
  if (client.v5) code("PUBACK", "received", client, answer);
}

/// A message of QoS 2 from the client.
void CapturedFleet::complete(Client& client) {
  const std::string sent = publish_packet(client, 2, 20) + std::string(payload(20));
  exchange(client, Side::client, sent, acknowledgement(0x50, client, 0x00));
  exchange(client, Side::client, acknowledgement(0x62, client, 0x00), acknowledgement(0x70, client, 0x00));
  if (!client.v5) return;
  code("PUBREC", "sent", client, 0x00);
  code("PUBREL", "received", client, 0x00);
  code("PUBCOMP", "sent", client, 0x00);
}

void CapturedFleet::begin_large(Client& client) {
  client.unsent = 4096 + below(60'000);
  const std::string head = publish_packet(client, 0, client.unsent);
  const std::size_t first = CaptureWriter::kSegment - head.size();
  out_.send(client.tcp, Side::client, head + std::string(payload(first)));
  client.unsent -= static_cast<std::uint32_t>(first);
}

void CapturedFleet::go_on(Client& client) {
  const std::string_view part =
      payload(std::min<std::size_t>(client.unsent, kSegmentsAtATime * CaptureWriter::kSegment));
  out_.send(client.tcp, Side::client, part);
  out_.acknowledge(client.tcp, Side::broker);
  client.unsent -= static_cast<std::uint32_t>(part.size());
}

void CapturedFleet::ping(Client& client) { exchange(client, Side::client, "\xC0\x00"s, "\xD0\x00"s); }

void CapturedFleet::subscribe(Client& client) {
  const std::string id = number(++client.packet_id, 2) + (client.v5 ? "\x00"s : ""s);
  const char refused = client.v5 ? '\x87' : '\x80';
  exchange(client, Side::client, packet(0x82, id + text("site/#") + '\x01' + text("secret/#") + '\x00'),
           packet(0x90, id + '\x01' + refused));
  code("SUBACK", "sent", client, 0x01);
  code("SUBACK", "sent", client, static_cast<std::uint8_t>(refused));
  const std::string codes = client.v5 ? "\x00\x11"s : ""s;
  exchange(client, Side::client, packet(0xA2, id + text("site/#") + text("never")), packet(0xB0, id + codes));
  for (const char each : codes) code("UNSUBACK", "sent", client, static_cast<std::uint8_t>(each));
}

/// And connects again from another port.
void CapturedFleet::end(Client& client) {
  if (one_in(3)) {
    close_without_code(client, "connection_closed");
  } else if (client.v5) {
    const unsigned why = one_in(2) ? 0x00 : one_in(2) ? 0x04 : 0x98;
    out_.send(client.tcp, Side::client,
              packet(0xE0, why == 0 ? ""s : std::string(1, static_cast<char>(why))));
    code("DISCONNECT", "received", client, why);
  } else {
    out_.send(client.tcp, Side::client, "\xE0\x00"s);
    close_without_code(client, "normal_disconnection");
  }
  out_.close(client.tcp, Side::client);
  client.tcp.port = static_cast<std::uint16_t>(client.tcp.port == 60'999 ? 32'768 : client.tcp.port + 1);
  connect(client);
}

}  // namespace mre
