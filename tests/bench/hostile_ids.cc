// SPDX-License-Identifier: Apache-2.0
// Writes what brokers record of clients whose ids and user names are hostile, each another one, to standard output.
//
//   hostile_ids log COUNT         lines of a Mosquitto log: ends of connections
//   hostile_ids messages COUNT    payloads of EMQX's client.connack, one a line: refused connections
//   hostile_ids recording COUNT   the same as a recording for `replay`
//   hostile_ids capture COUNT     a capture (pcap) of refused connections
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/bench/capture_writer.h"

namespace {

using mre::CaptureWriter;

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (; times > 0; --times) out += text;
  return out;
}

/// Markup, escapes of terminals and of JSON, text that goes the other way, lengths above every limit. Valid UTF-8 without
/// line ends and NUL, which MQTT forbids or brokers do not write as they are.
std::string hostile_id(unsigned long i) {
  char number[24];
  std::snprintf(number, sizeof number, "%07lu", i);
  switch (i % 8) {
    case 0:
      return std::string("<script>alert(") + number + ")</script>";
    case 1:
      return std::string("\x1b[2J\"\\u0000\",\"peer\":\"203.0.113.9\",\"x\":\"") + number;
    case 2:
      return std::string("\xE2\x80\xAE\xC2\x9B'\"><img src=x onerror=alert(1)>") + number;
    case 3:
      return repeated(i % 16 == 3 ? "x" : "\xC3\xA9", 100 + i % 60) + number;
    case 4:
      return std::string("{}\\\" 1 # EOF") + number;
    case 5:
      return i % 1024 == 5 ? std::string(400, 'y') + number : std::string("a,\x01 b} ") + number;
    default:
      return std::string("meter-") + number;
  }
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  char escape[8];
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20) {
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
      out += escape;
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + '"';
}

std::string peer_of(unsigned long i) {
  return "10." + std::to_string(i >> 16U & 255U) + "." + std::to_string(i >> 8U & 255U) + "." +
         std::to_string(i & 255U) + ":4000";
}

std::string log_line(unsigned long i) {
  return "1796020834: Client " + hostile_id(i) + " [" + peer_of(i) + "] disconnected: exceeded timeout.\n";
}

std::string message(unsigned long i) {
  const std::string id = json_string(hostile_id(i));
  return R"({"event":"client.connack","reason_code":"not_authorized","proto_ver":5,"peername":")" +
         peer_of(i) + R"(","username":)" + id + R"(,"clientid":)" + id + "}";
}

std::string mqtt_string(std::string_view text) {
  return {static_cast<char>(text.size() >> 8U), static_cast<char>(text.size() & 0xFFU)};
}

std::string connect_packet(const std::string& id) {
  std::string body = mqtt_string("MQTT") + "MQTT\x05\x82";
  body += std::string("\x00\x3C\x00", 3);  // keep alive, no properties
  body += mqtt_string(id) + id + mqtt_string(id) + id;
  std::string packet = "\x10";
  for (std::size_t length = body.size();; length >>= 7U) {
    packet += static_cast<char>((length & 0x7FU) | (length > 0x7F ? 0x80U : 0U));
    if (length <= 0x7F) break;
  }
  return packet + body;
}

void write_capture(unsigned long count) {
  constexpr std::string_view kRefused("\x20\x03\x00\x87\x00", 5);
  CaptureWriter out(stdout);
  for (unsigned long i = 0; i < count; ++i) {
    CaptureWriter::Connection connection{.address = 0x0A000000U + static_cast<std::uint32_t>(i),
                                         .port = 4000};
    out.open(connection);
    out.send(connection, CaptureWriter::Side::client, connect_packet(hostile_id(i)));
    out.send(connection, CaptureWriter::Side::broker, kRefused);
    out.close(connection, CaptureWriter::Side::broker);
  }
  out.flush();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view what = argc == 3 ? argv[1] : "";
  const unsigned long count = argc == 3 ? std::strtoul(argv[2], nullptr, 10) : 0;
  if (what == "capture") {
    write_capture(count);
  } else if (what == "log" || what == "messages" || what == "recording") {
    for (unsigned long i = 0; i < count; ++i) {
      std::string line = log_line(i);
      if (what != "log") line = message(i) + "\n";
      if (what == "recording")
        line =
            R"({"topic":"exporter/client_connack","payload":)" + json_string(message(i)) + ",\"retain\":0}\n";
      std::fwrite(line.data(), 1, line.size(), stdout);
    }
  } else {
    std::fputs("Usage: hostile_ids log|messages|recording|capture COUNT\n", stderr);
    return 2;
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
