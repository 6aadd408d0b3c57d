// SPDX-License-Identifier: Apache-2.0
// PacketReader: its events must not depend on how the bytes are split, nor on the bytes that it says may be
// missing. looks_like_packets: what it takes for packets must read as such. The first byte of the input
// chooses the version, the second the pieces.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <tuple>
#include <vector>

#include "exporter/mqtt/wire.h"

namespace {

using namespace mre::mqtt;

void require(bool holds) {
  if (!holds) std::abort();
}

using Row = std::tuple<PacketEvent::Kind, Packet, std::uint8_t, std::uint16_t, Version>;

struct Reading {
  std::vector<Row> events;
  Version version = Version::unknown;
  PacketReader reader;
};

void read(std::string_view bytes, Reading& out) {
  while (const auto event = out.reader.next(bytes, out.version)) {
    out.events.emplace_back(event->kind, event->packet, event->code, event->keep_alive, out.version);
  }
  require(bytes.empty());
}

Reading read_in_pieces(std::string_view bytes, Version version, std::size_t piece) {
  Reading out{.events = {}, .version = version, .reader = {}};
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
    read(bytes.substr(0, piece), out);
  return out;
}

/// Never sees a byte that may be missing.
Reading read_with_gaps(std::string_view bytes, Version version) {
  Reading out{.events = {}, .version = version, .reader = {}};
  while (!bytes.empty()) {
    const std::size_t missing = std::min<std::size_t>(out.reader.skippable(), bytes.size());
    if (missing > 0) {
      out.reader.skip(static_cast<std::uint32_t>(missing));
    } else {
      read(bytes.substr(0, 1), out);
    }
    bytes.remove_prefix(std::max<std::size_t>(missing, 1));
  }
  return out;
}

void require_same(const Reading& a, const Reading& b) {
  require(a.events == b.events && a.version == b.version);
  require(a.reader.at_boundary() == b.reader.at_boundary() && a.reader.broken() == b.reader.broken());
  require(a.reader.skippable() == b.reader.skippable());
}

void check_probe(std::string_view bytes, Version version, const Reading& reading) {
  for (const Side side : {Side::client, Side::broker}) {
    if (!looks_like_packets(bytes, side, version)) continue;
    require(!reading.reader.broken());
    if (version == Version::unknown || version == Version::other || !reading.reader.at_boundary()) continue;
    for (const Row& row : reading.events)
      require(std::get<PacketEvent::Kind>(row) != PacketEvent::Kind::malformed);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto version = static_cast<Version>(data[0] % 6);
  const std::size_t piece = std::size_t{data[1]} + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Reading whole = read_in_pieces(bytes, version, std::max<std::size_t>(bytes.size(), 1));
  require(whole.events.size() <= bytes.size());
  check_probe(bytes, version, whole);
  if (version == Version::unknown) return 0;  // learns only from packets that are whole
  require_same(read_in_pieces(bytes, version, piece), whole);
  require_same(read_with_gaps(bytes, version), whole);
  return 0;
}
