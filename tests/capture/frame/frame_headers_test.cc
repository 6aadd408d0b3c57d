// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/frame/frame_headers.h"

#include <gtest/gtest.h>

#include "tests/capture/frame_builder.h"

namespace mre {
namespace {

using namespace test;

constexpr std::string_view kPayload = "payload";

struct FrameReading {
  FrameContent content;
  Segment segment;
};

FrameReading read_frame(const Frame& frame) {
  FrameReading reading{};
  reading.content = mre::read_frame(frame, reading.segment);
  return reading;
}

Frame whole(const std::string& bytes, std::uint32_t link_type = 1) {
  return {.link_type = link_type, .length = static_cast<std::uint32_t>(bytes.size()), .bytes = bytes};
}

const std::string kMacs = hex("0200 0000 0001 0200 0000 0002");
const Endpoint kFrom = endpoint("192.0.2.7", 50000);
const Endpoint kTo = endpoint("192.0.2.1", 1883);
const Endpoint kFrom6 = endpoint("2001:db8::7", 50000);
const Endpoint kTo6 = endpoint("2001:db8::1", 1883);

std::string segment_bytes() { return tcp_segment(50000, 1883, 7, 9, kAck, kPayload); }

TEST(FrameHeaders, ReadsEveryLinkType) {
  for (const Link& link : links()) {
    SCOPED_TRACE(link.name);
    ConnectionBuilder made(50000, link);
    made.send(Side::client, kAck | kFin, kPayload);
    const FrameReading reading = read_frame(made.frames[0].frame());
    ASSERT_EQ(reading.content, FrameContent::segment);
    const Segment& segment = reading.segment;
    EXPECT_EQ(segment.from, made.client);
    EXPECT_EQ(segment.to, made.broker);
    EXPECT_EQ(segment.seq, 1000U);
    EXPECT_EQ(segment.ack, 2'000'000U);
    EXPECT_EQ(segment.flags, kAck | kFin);
    EXPECT_EQ(segment.length, kPayload.size());
    EXPECT_EQ(segment.payload, kPayload);
    EXPECT_EQ(segment.time_us, made.frames[0].time_us);
  }
}

TEST(FrameHeaders, KnowsTheLengthOfATruncatedFrame) {
  for (const Link& link : links()) {
    SCOPED_TRACE(link.name);
    ConnectionBuilder made(50000, link);
    made.send(Side::client, kAck, kPayload);
    const std::string& bytes = made.frames[0].bytes;
    const std::size_t tcp = bytes.size() - kPayload.size() - 32;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      Frame frame = whole(bytes, link.type);
      frame.bytes = frame.bytes.substr(0, size);
      const FrameReading reading = read_frame(frame);
      if (size < tcp + 20) {
        ASSERT_EQ(reading.content, FrameContent::unreadable) << size;
        continue;
      }
      ASSERT_EQ(reading.content, FrameContent::segment) << size;
      ASSERT_EQ(reading.segment.length, kPayload.size()) << size;
      ASSERT_EQ(reading.segment.payload, kPayload.substr(0, size - std::min(size, tcp + 32))) << size;
    }
  }
}

struct FrameCase {
  const char* why;
  std::string bytes;
  FrameContent content;
  std::uint32_t length = 0;
  std::uint32_t link_type = 1;
};

std::string with(std::string bytes, std::size_t at, const std::string& other) {
  return bytes.replace(at, other.size(), other);
}

std::string ipv4(const std::string& tcp) { return ip_packet(false, kFrom, kTo, tcp); }
std::string ipv6(const std::string& tcp) { return ip_packet(true, kFrom6, kTo6, tcp); }
std::string in_ethernet(const std::string& packet, const char* type = "0800") {
  return kMacs + hex(type) + packet;
}
/// An IPv6 packet whose next header is `kind`; `extensions` precede TCP.
std::string with_extensions(const char* kind, const std::string& extensions) {
  return in_ethernet(with(ipv6(extensions + segment_bytes()), 6, hex(kind)), "86DD");
}

std::vector<FrameCase> cases() {
  using enum FrameContent;
  const std::string frame = in_ethernet(ipv4(segment_bytes()));
  const std::string options = with(ipv4(segment_bytes()), 0, hex("46")).insert(20, hex("9404 0000"));
  const std::string length_with_options = be16(static_cast<unsigned>(options.size()));
  std::string tags;
  for (int i = 0; i < 9; ++i) tags += hex("8100 0001");
  return {
      {"padded to the minimum size of Ethernet", frame + std::string(8, '\0'), segment, 7},
      {"an IPv4 header with options", in_ethernet(with(options, 2, length_with_options)), segment, 7},
      {"no total length: the card cuts the packet later (TSO)", with(frame, 16, hex("0000")), segment, 7},
      {"a total length above the size of the frame", with(frame, 16, hex("0100")), unreadable},
      {"a total length below the size of the header", with(frame, 16, hex("0013")), unreadable},
      {"an IPv4 header of 16 bytes", with(frame, 14, hex("44")), unreadable},
      {"the first fragment", with(frame, 20, hex("2000")), unreadable},
      {"a later fragment", with(frame, 20, hex("0001")), unreadable},
      {"the flag DF is not a fragment", with(frame, 20, hex("4000")), segment, 7},
      {"UDP", with(frame, 23, hex("11")), other},
      {"a TCP header of 16 bytes", with(frame, 14 + 20 + 12, hex("40")), unreadable},
      {"a TCP header that ends after the packet", with(frame, 14 + 20 + 12, hex("F0")), unreadable},
      {"ARP", in_ethernet(std::string(28, '\0'), "0806"), other},
      {"IEEE 802.3: a length instead of an EtherType", in_ethernet(std::string(28, '\0'), "001C"), other},
      {"not IP after its EtherType", in_ethernet("PX" + std::string(40, '\0')), other},
      {"nine VLAN tags", kMacs + tags + hex("0800") + ipv4(segment_bytes()), unreadable},
      {"an unknown link type", frame, unreadable, 0, 147},
      {"IPv6, hop-by-hop options", with_extensions("00", hex("0600 0502 0000 0100")), segment, 7},
      {"IPv6, two extensions", with_extensions("00", hex("3C00 0502 0000 0100 0600 0104 0000 0000")), segment,
       7},
      {"IPv6, authentication header", with_extensions("33", hex("0602 0000 0000 0001 0000 0001 0000 0000")),
       segment, 7},
      {"IPv6, a fragment that is the whole packet", with_extensions("2C", hex("0600 0000 0000 0001")),
       segment, 7},
      {"IPv6, the first fragment", with_extensions("2C", hex("0600 0001 0000 0001")), unreadable},
      {"IPv6, a later fragment", with_extensions("2C", hex("0600 0008 0000 0001")), unreadable},
      {"IPv6, an extension that ends after the packet", with_extensions("00", hex("06FF 0502 0000 0100")),
       unreadable},
      {"IPv6, nine extensions",
       with_extensions("3C",
                       [] {
                         std::string all;
                         for (int i = 0; i < 9; ++i) all += hex("3C00 0104 0000 0000");
                         return all;
                       }()),
       unreadable},
      {"IPv6, no payload length: a jumbogram or TSO",
       in_ethernet(with(ipv6(segment_bytes()), 4, hex("0000")), "86DD"), segment, 7},
      {"IPv6, longer than the frame", in_ethernet(with(ipv6(segment_bytes()), 4, hex("0FFF")), "86DD"),
       unreadable},
      {"IPv6, ICMP", in_ethernet(with(ipv6(segment_bytes()), 6, hex("3A")), "86DD"), other},
  };
}

TEST(FrameHeaders, ClassifiesFrames) {
  for (const FrameCase& c : cases()) {
    const FrameReading reading = read_frame(whole(c.bytes, c.link_type));
    EXPECT_EQ(reading.content, c.content) << c.why;
    if (c.content == FrameContent::segment) {
      EXPECT_EQ(reading.segment.length, c.length) << c.why;
      EXPECT_EQ(reading.segment.payload, kPayload.substr(0, c.length)) << c.why;
    }
  }
}

TEST(FrameHeaders, FormatsEndpoints) {
  EXPECT_EQ(to_string(kFrom), "192.0.2.7:50000");
  EXPECT_EQ(to_string(kTo6), "[2001:db8::1]:1883");
}

}  // namespace
}  // namespace mre
