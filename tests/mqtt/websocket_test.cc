// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/websocket.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/mqtt/wire_text.h"

namespace mre::mqtt {
namespace {

using State = WebSocketReader::State;
using test::bytes_of;

static_assert(sizeof(WebSocketReader) <= 32, "one for each direction of each connection");

struct Unwrapped {
  std::string payload;
  State state = State::head;

  bool operator==(const Unwrapped&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const Unwrapped& u) {
    return out << testing::PrintToString(u.payload) << " state " << int{static_cast<std::uint8_t>(u.state)};
  }
};

/// `cuts` are offsets, rising.
Unwrapped unwrap(WebSocketReader reader, std::string_view bytes, const std::vector<std::size_t>& cuts = {},
                 std::size_t scratch_bytes = 64) {
  Unwrapped out;
  std::vector<char> scratch(scratch_bytes);
  std::size_t from = 0;
  const auto read = [&](std::string_view piece) {
    reader.skip(0);  // changes nothing
    while (const auto part = reader.next(piece, scratch)) out.payload += *part;
  };
  for (const std::size_t cut : cuts) {
    read(bytes.substr(from, cut - from));
    from = cut;
  }
  read(bytes.substr(from));
  out.state = reader.state();
  return out;
}

/// RFC 6455 section 1.2.
constexpr std::string_view kRequest =
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n"
    "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Version: 13\r\n\r\n";
constexpr std::string_view kResponse =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

struct FramesCase {
  std::string_view why;
  std::string_view hex;  ///< Frames.
  std::string_view payload;
  State state;
};

/// Frames of RFC 6455 section 5.7, as binary where it has text.
constexpr FramesCase kFramesCases[] = {
    {"5.7: a single unmasked message", "82 05 48656c6c6f", "Hello", State::open},
    {"5.7: a single masked message", "82 85 37fa213d 7f9f4d5158", "Hello", State::open},
    {"a mask of zeros", "82 85 00000000 48656c6c6f", "Hello", State::open},
    {"5.7: a fragmented message", "02 03 48656c 80 02 6c6f", "Hello", State::open},
    {"5.7: a ping and its masked pong", "89 05 48656c6c6f 8a 85 37fa213d 7f9f4d5158", "", State::open},
    {"5.4: a ping between fragments", "02 03 48656c 89 02 7878 80 02 6c6f", "Hello", State::open},
    {"text is not MQTT: section 6 of its standard", "81 05 48656c6c6f 82 01 2e", ".", State::open},
    {"nor is what continues it", "01 03 48656c 80 02 6c6f 82 01 2e", ".", State::open},
    {"an empty frame", "82 00 82 80 01020304 82 01 2e", ".", State::open},
    {"5.2: a length of two bytes", "82 7e 0002 6869", "hi", State::open},
    {"5.2: a length of eight bytes", "82 7f 0000000000000002 6869", "hi", State::open},
    {"masked, with a long length", "82 fe 0005 37fa213d 7f9f4d5158", "Hello", State::open},
    {"5.5.1: a close frame ends it", "82 01 2e 88 02 03e8 82 01 2e", ".", State::closed},
    {"a close frame without a body", "88 80 01020304", "", State::closed},
    {"5.2: RSV1 is an extension's", "82 01 2e c2 05 f248cdc9c9", ".", State::unreadable},
    {"5.2: an opcode that is reserved", "83 01 2e", "", State::unreadable},
    {"5.2: the highest bit of a length", "82 7f 8000000000000000", "", State::unreadable},
    {"5.5: a control frame has 125 bytes at most", "89 7e 007e", "", State::unreadable},
    {"5.5: a control frame is not fragmented", "09 00", "", State::unreadable},
};

TEST(WebSocketReader, ReturnsTheContentOfBinaryMessages) {
  for (const FramesCase& c : kFramesCases) {
    EXPECT_EQ(unwrap(WebSocketReader::after_handshake(), bytes_of(c.hex)),
              (Unwrapped{std::string(c.payload), c.state}))
        << c.why;
  }
}

TEST(WebSocketReader, ReturnsTheSameForEverySplit) {
  for (const std::string_view head : {kRequest, kResponse}) {
    for (const FramesCase& c : kFramesCases) {
      const std::string bytes = std::string(head) + bytes_of(c.hex);
      for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        EXPECT_EQ(unwrap({}, bytes, {cut}, 1 + cut % 5), (Unwrapped{std::string(c.payload), c.state}))
            << c.why << ", cut at " << cut;
      }
    }
  }
}

TEST(WebSocketReader, ReadsTheHandshakeFirst) {
  const std::string long_head = "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n\r\n";
  const std::string not_found = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nNone.";
  const struct {
    std::string_view why;
    std::string head;
    State state;
  } cases[] = {
      {"a request", std::string(kRequest), State::open},
      {"a response", std::string(kResponse), State::open},
      {"the end is not there yet", std::string(kRequest.substr(0, kRequest.size() - 1)), State::head},
      {"a CR before the end's", "GET / HTTP/1.1\r\n\r\r\n\r\n", State::open},
      {"not found: another answer may follow", not_found, State::head},
      {"not found, and then it is", not_found + not_found + std::string(kResponse), State::open},
      {"first that it may continue", "HTTP/1.1 100 Continue\r\n\r\n" + std::string(kResponse), State::open},
      {"the word half and then whole", "HTTP/1.1 10HTTP/1.1 101 Switching\r\n\r\n", State::open},
      {"an older version", "HTTP/1.0 400 Bad Request\r\n\r\n", State::head},
      {"two requests", "GET / HTTP/1.1\r\n\r\n" + std::string(kRequest), State::open},
      {"the second is not at its end", "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n", State::head},
      {"another method first", "OPTIONS / HTTP/1.1\r\n\r\n" + std::string(kRequest), State::open},
      {"no HTTP", bytes_of("10 0f 0004 4d515454"), State::head},
      {"a head of any length", long_head, State::open},
  };
  for (const auto& c : cases) EXPECT_EQ(unwrap({}, c.head), (Unwrapped{"", c.state})) << c.why;
}

TEST(WebSocketReader, ContinuesAfterMissingBytes) {
  const std::string hello = bytes_of("82 85 37fa213d 7f9f4d5158");
  for (std::size_t seen = 1; seen < 5; ++seen) {
    for (std::uint32_t missing = 1; missing <= 5 - seen; ++missing) {
      WebSocketReader reader = WebSocketReader::after_handshake();
      std::array<char, 16> scratch;
      std::string_view bytes = std::string_view(hello).substr(0, 6 + seen);
      std::string got;
      while (const auto part = reader.next(bytes, scratch)) got += *part;
      ASSERT_GE(reader.skippable(), missing);
      ASSERT_TRUE(reader.within_message());
      reader.skip(missing);
      bytes = std::string_view(hello).substr(6 + seen + missing);
      while (const auto part = reader.next(bytes, scratch)) got += *part;
      EXPECT_EQ(got, std::string("Hello").erase(seen, missing)) << seen << " seen, " << missing << " missing";
      EXPECT_EQ(reader.skippable(), 0U);
    }
  }
}

TEST(WebSocketReader, KnowsWhichBytesMayBeMissing) {
  const struct {
    std::string_view why;
    std::string_view hex;
    std::uint32_t skippable;
    bool within_message;
  } cases[] = {
      {"a frame's header may not", "82", 0, false},
      {"nor its length", "82 7e 00", 0, false},
      {"nor its mask", "82 85 37fa21", 0, false},
      {"what a binary frame holds", "82 85 37fa213d", 5, true},
      {"a ping is not read", "89 05 48", 4, false},
      {"nor of text", "81 05 48", 4, false},
      {"more than 32 bits", "82 7f 0000000200000000", 0xFFFFFFFF, true},
      {"after a close frame, all", "88 00", 0xFFFFFFFF, false},
      {"after what is unreadable, all", "ff", 0xFFFFFFFF, false},
  };
  for (const auto& c : cases) {
    WebSocketReader reader = WebSocketReader::after_handshake();
    const std::string bytes = bytes_of(c.hex);
    std::string_view rest = bytes;
    std::array<char, 16> scratch;
    while (reader.next(rest, scratch)) {
    }
    EXPECT_EQ(reader.skippable(), c.skippable) << c.why;
    EXPECT_EQ(reader.within_message(), c.within_message) << c.why;
  }
}

/// One frame of RFC 6455 section 5.2.
std::string frame(unsigned first, std::string_view payload, bool masked, std::mt19937& random) {
  std::string out{static_cast<char>(first)};
  const unsigned mask_bit = masked ? 0x80 : 0;
  const auto number = [&](std::size_t bytes, std::uint64_t value) {
    while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes));
  };
  if (payload.size() < 126) {
    number(1, mask_bit | payload.size());
  } else {
    number(1, mask_bit | 126);
    number(2, payload.size());
  }
  const std::size_t mask_at = out.size();
  if (masked) number(4, random());
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out += masked ? static_cast<char>(payload[i] ^ out[mask_at + i % 4]) : payload[i];
  }
  return out;
}

TEST(WebSocketReader, ReadsRandomMessagesInRandomPieces) {
  const std::uint32_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (int round = 0; round < 200; ++round) {
    const bool masked = below(2) == 0;
    std::string bytes(masked ? kRequest : kResponse);
    std::string sent;
    for (std::size_t messages = below(8); messages > 0; --messages) {
      for (std::size_t parts = 1 + below(3), part = 0; part < parts; ++part) {
        std::string payload(below(4) == 0 ? below(1000) : below(20), '\0');
        std::ranges::generate(payload, [&] { return static_cast<char>(below(256)); });
        const unsigned fin = part + 1 == parts ? 0x80 : 0;
        bytes += frame(fin | (part == 0 ? 2U : 0U), payload, masked, random);
        if (below(3) == 0) bytes += frame(0x89, "ping", masked, random);
        sent += payload;
      }
    }
    std::vector<std::size_t> cuts;
    for (std::size_t cut = below(30); cut < bytes.size(); cut += below(200)) cuts.push_back(cut);
    EXPECT_EQ(unwrap({}, bytes, cuts, 1 + below(100)), (Unwrapped{sent, State::open}));
  }
}

}  // namespace
}  // namespace mre::mqtt
