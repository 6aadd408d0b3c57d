// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/tshark_fields.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <unordered_map>

namespace mre {
namespace {

/// A packet's number, and the fields of its code in MQTT 5.0 and 3.x; empty if it has none there.
struct Coded {
  const char* packet;
  unsigned long kind;
  bool may_be_omitted;  ///< In MQTT 5.0: the packet without its byte means 0x00.
  const char* field;
  const char* old_field;
};

constexpr Coded kCoded[] = {
    {"CONNACK", 2, false, "mqtt.connack.reason_code", "mqtt.conack.val"},
    {"PUBACK", 4, true, "mqtt.puback.reason_code", ""},
    {"PUBREC", 5, true, "mqtt.pubrec.reason_code", ""},
    {"PUBREL", 6, true, "mqtt.pubrel.reason_code", ""},
    {"PUBCOMP", 7, true, "mqtt.pubcomp.reason_code", ""},
    {"SUBACK", 9, false, "mqtt.suback.reason_code", "mqtt.suback.qos"},
    {"UNSUBACK", 11, false, "mqtt.unsuback.reason_code", ""},
    {"DISCONNECT", 14, true, "mqtt.disconnect.reason_code", ""},
    {"AUTH", 15, true, "mqtt.auth.reason_code", ""},
};

/// Behind these come the fields of kCoded.
constexpr const char* kFirst[] = {"tcp.stream", "tcp.dstport", "mqtt.msgtype", "mqtt.ver"};

std::vector<std::string> fields() {
  std::vector<std::string> all(std::begin(kFirst), std::end(kFirst));
  for (const Coded& coded : kCoded) {
    all.emplace_back(coded.field);
    if (*coded.old_field != '\0') all.emplace_back(coded.old_field);
  }
  return all;
}

/// "4,0x10" is 4 and 16.
std::vector<unsigned long> numbers(std::string_view cell) {
  std::vector<unsigned long> out;
  const char* at = cell.data();
  const char* const end = at + cell.size();
  while (at < end) {
    char* end_of_number = nullptr;
    out.push_back(std::strtoul(at, &end_of_number, 0));
    at = end_of_number + 1;
  }
  return out;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find('\t', begin), line.size());
    cells.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return cells;
}

void add(Happened& found, const Coded& coded, const char* direction, bool v5, unsigned long code) {
  std::array<char, 64> key{};
  std::snprintf(key.data(), key.size(), "%s %s %s 0x%02lX", coded.packet, direction, v5 ? "5.0" : "3.1.1",
                code);
  ++found[key.data()];
}

void read_frame(const std::vector<std::string>& cells, const char* direction, bool v5, Happened& found) {
  const std::vector<unsigned long> kinds = numbers(cells[2]);
  std::size_t at = std::size(kFirst);
  for (const Coded& coded : kCoded) {
    std::vector<unsigned long> codes;
    if (v5) codes = numbers(cells[at]);
    ++at;
    if (*coded.old_field != '\0') {
      if (!v5) codes = numbers(cells[at]);
      ++at;
    }
    if (v5 && coded.may_be_omitted) {
      codes.resize(static_cast<std::size_t>(std::ranges::count(kinds, coded.kind)), 0x00);
    }
    for (const unsigned long code : codes) add(found, coded, direction, v5, code);
  }
}

}  // namespace

std::vector<std::string> tshark_command(const std::string& capture, std::uint16_t port) {
  std::vector<std::string> words = {"tshark", "-n",
                                    "-r",     capture,
                                    "-d",     "tcp.port==" + std::to_string(port) + ",mqtt",
                                    "-Y",     "mqtt.msgtype in {1, 2, 4, 5, 6, 7, 9, 11, 14, 15}",
                                    "-T",     "fields"};
  for (const std::string& field : fields()) {
    words.emplace_back("-e");
    words.push_back(field);
  }
  return words;
}

Happened found_by_tshark(const std::string& output, std::uint16_t port) {
  Happened found;
  std::unordered_map<std::string, bool> is_v5;  // by stream
  std::ifstream file(output);
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> cells = cells_of(line);
    if (cells.size() != fields().size()) continue;
    if (!cells[3].empty()) is_v5[cells[0]] = cells[3] == "5";
    read_frame(cells, cells[1] == std::to_string(port) ? "received" : "sent", is_v5[cells[0]], found);
  }
  return found;
}

}  // namespace mre
