// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/file/capture_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/capture/frame_builder.h"
#include "tests/support/temp_dir.h"

namespace mre {
namespace {

using test::hex;

/// Writes numbers in the byte order of the machine that captured.
class Recording {
 public:
  explicit Recording(bool big_endian) : big_endian_(big_endian) {}

  Recording& number(std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) {
      const unsigned shift = 8 * (big_endian_ ? size - 1 - i : i);
      bytes += static_cast<char>(value >> shift);
    }
    return *this;
  }
  Recording& u16(std::uint64_t value) { return number(value, 2); }
  Recording& u32(std::uint64_t value) { return number(value, 4); }

  Recording& pcap_header(std::uint32_t magic, std::uint32_t link_type) {
    return u32(magic).u16(2).u16(4).u32(0).u32(0).u32(65535).u32(link_type);
  }
  Recording& pcap_frame(std::uint32_t seconds, std::uint32_t fraction, std::string_view frame,
                        std::size_t length) {
    u32(seconds).u32(fraction).u32(frame.size()).u32(length);
    bytes += frame;
    return *this;
  }
  Recording& block(std::uint32_t type, const std::string& body) {
    const std::size_t padded = (body.size() + 3) / 4 * 4;
    u32(type).u32(padded + 12);
    bytes += body + std::string(padded - body.size(), '\0');
    return u32(padded + 12);
  }
  Recording& section() {
    Recording body(big_endian_);
    body.u32(0x1A2B3C4D).u16(1).u16(0).number(UINT64_MAX, 8);
    return block(0x0A0D0D0A, body.bytes);
  }
  Recording& interface(std::uint16_t link_type, const std::string& options = {}) {
    Recording body(big_endian_);
    body.u16(link_type).u16(0).u32(0);
    return block(1, body.bytes + options);
  }
  Recording& packet(std::uint32_t interface, std::uint64_t time, std::string_view frame, std::size_t length) {
    Recording body(big_endian_);
    body.u32(interface).u32(time >> 32U).u32(time & UINT32_MAX).u32(frame.size()).u32(length);
    return block(6, body.bytes + std::string(frame));
  }
  std::string option(std::uint16_t code, const std::string& value) const {
    Recording made(big_endian_);
    made.u16(code).u16(value.size());
    return made.bytes + value + std::string((4 - value.size() % 4) % 4, '\0');
  }

  std::string bytes;

 private:
  bool big_endian_;
};

/// The frames of a file as text: microseconds, link type, length, bytes; then the error, or "cut off".
std::string read(const std::string& bytes) {
  int pipe[2];
  EXPECT_EQ(::pipe(pipe), 0);
  EXPECT_EQ(::write(pipe[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  ::close(pipe[1]);
  CaptureFile file(Fd{pipe[0]}, "x.pcap");
  std::string all;
  for (;;) {
    const auto frame = file.next();
    if (!frame) return all + frame.error().what;
    if (!*frame) return all + (file.cut_off() ? "cut off" : "");
    all += std::to_string((*frame)->time_us) + " " + std::to_string((*frame)->link_type) + " " +
           std::to_string((*frame)->length) + " " + std::string((*frame)->bytes) + "\n";
  }
}

TEST(CaptureFile, ReadsEveryVariantOfPcap) {
  struct Case {
    const char* why;
    bool big_endian;
    std::uint32_t magic;
    std::uint32_t fraction;
  };
  for (const Case& c : {Case{"little-endian", false, 0xA1B2C3D4, 7}, Case{"big-endian", true, 0xA1B2C3D4, 7},
                        Case{"little-endian, nanoseconds", false, 0xA1B23C4D, 7999},
                        Case{"big-endian, nanoseconds", true, 0xA1B23C4D, 7999}}) {
    Recording made(c.big_endian);
    made.pcap_header(c.magic, 113).pcap_frame(1700000000, c.fraction, "abc", 3);
    made.pcap_frame(1700000001, 0, "defg", 90).pcap_frame(1700000001, 0, "", 60);
    EXPECT_TRUE(CaptureFormat::is_capture(made.bytes)) << c.why;
    EXPECT_EQ(read(made.bytes),
              "1700000000000007 113 3 abc\n1700000001000000 113 90 defg\n1700000001000000 113 60 \n")
        << c.why;
  }
}

TEST(CaptureFile, ReadsPcapng) {
  for (const bool big_endian : {false, true}) {
    Recording made(big_endian);
    made.section().interface(1).interface(101, made.option(9, hex("09")) + made.option(0, ""));
    made.interface(276, made.option(2, "name") + made.option(9, hex("94")));  // 2^-20 s
    Recording offset(big_endian);
    offset.number(100, 8);
    made.interface(113, made.option(14, offset.bytes));
    made.packet(0, 1'000'001, "abc", 3).packet(1, 2'000'000'999, "defg", 90);
    made.block(0xBAD, "skipped").packet(2, 3U << 20U, "h", 1).packet(3, 4'000'000, "i", 1);
    Recording simple(big_endian);
    simple.u32(5);
    made.block(3, simple.bytes + "jklmn");
    Recording obsolete(big_endian);
    obsolete.u16(1).u16(0).u32(1).u32(705'032'704).u32(2).u32(2);  // 5 * 10^9 ns
    made.block(2, obsolete.bytes + "op");
    EXPECT_TRUE(CaptureFormat::is_capture(made.bytes));
    EXPECT_EQ(
        read(made.bytes),
        "1000001 1 3 abc\n2000000 101 90 defg\n3000000 276 1 h\n104000000 113 1 i\n104000000 1 5 jklmn\n"
        "5000000 101 2 op\n");
    Recording second(!big_endian);  // a section of another machine
    second.section().interface(228).packet(0, 9, "q", 1);
    EXPECT_TRUE(read(made.bytes + second.bytes).ends_with("op\n9 228 1 q\n"));
  }
}

TEST(CaptureFile, ReadsTheCompleteFramesOfATruncatedFile) {
  Recording pcap(false);
  pcap.pcap_header(0xA1B2C3D4, 1).pcap_frame(1, 0, "abc", 3).pcap_frame(2, 0, "defg", 4);
  Recording pcapng(true);
  pcapng.section().interface(1).packet(0, 1'000'000, "abc", 3).packet(0, 2'000'000, "defg", 4);
  for (const std::string& bytes : {pcap.bytes, pcapng.bytes}) {
    const std::string whole = read(bytes);
    std::string last;
    for (std::size_t size = 4; size < bytes.size(); ++size) {
      std::string some = read(bytes.substr(0, size));
      if (some.ends_with("cut off")) some.resize(some.size() - 7);
      ASSERT_TRUE(whole.starts_with(some)) << size << some;
      ASSERT_GE(some.size(), last.size()) << size;
      last = some;
    }
    EXPECT_TRUE(read(bytes.substr(0, bytes.size() - 1)).ends_with("cut off"));
    EXPECT_EQ(whole, "1000000 1 3 abc\n2000000 1 4 defg\n");
  }
}

TEST(CaptureFile, ReadsAFrameLongerThanTheBuffer) {
  const std::string frame(900'000, 'x');  // jumbo, longer than the buffer
  Recording made(false);
  made.pcap_header(0xA1B2C3D4, 1).pcap_frame(1, 0, frame, frame.size()).pcap_frame(2, 0, "abc", 3);
  const test::TempDir dir;
  auto file = CaptureFile::open(dir.write("long.pcap", made.bytes));
  ASSERT_TRUE(file);
  EXPECT_EQ((**file->next()).bytes, frame);
  EXPECT_EQ((**file->next()).bytes, "abc");
  EXPECT_FALSE(*file->next());
  EXPECT_EQ(file->bytes_read(), made.bytes.size());
}

TEST(CaptureFile, ReportsTheErrorAndItsOffset) {
  Recording pcap(false);
  pcap.pcap_header(0xA1B2C3D4, 1).pcap_frame(1, 0, "abc", 3).u32(1).u32(2).u32(0x01000001).u32(3);
  Recording short_block(false);
  short_block.section().u32(6).u32(8).u32(8);
  Recording short_packet(false);
  short_packet.section().interface(1).block(3, "");
  Recording two_lengths(false);
  two_lengths.section().u32(0xBAD).u32(12).u32(16);
  Recording no_interface(false);
  no_interface.section().packet(0, 0, "abc", 3);
  Recording long_packet(false);
  long_packet.section().interface(1);
  Recording body(false);
  body.u32(0).u32(0).u32(0).u32(400).u32(400);
  long_packet.block(6, body.bytes);
  struct Case {
    std::string bytes;
    std::string error;
  };
  for (const Case& c :
       {Case{"hello, world", "x.pcap: at byte 0: not a pcap or pcapng file"},
        Case{hex("34CD B2A1") + std::string(40, '\0'),
             "x.pcap: at byte 0: the pcap format of Kuznetzov's modified libpcap is not supported: convert "
             "the "
             "file with 'editcap -F pcap'"},
        Case{pcap.bytes, "1000000 1 3 abc\nx.pcap: at byte 43: invalid frame length 16777217"},
        Case{short_block.bytes, "x.pcap: at byte 28: invalid block length 8"},
        Case{short_packet.bytes, "x.pcap: at byte 48: simple packet block too short"},
        Case{two_lengths.bytes, "x.pcap: at byte 28: the two lengths of a block differ"},
        Case{no_interface.bytes, "x.pcap: at byte 28: packet of an unknown interface"},
        Case{long_packet.bytes, "x.pcap: at byte 48: packet longer than its block"}}) {
    EXPECT_EQ(read(c.bytes), c.error);
  }
  const auto none = CaptureFile::open("/no/such/file.pcap");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().what, "cannot open the capture /no/such/file.pcap: No such file or directory");
  EXPECT_FALSE(CaptureFormat::is_capture("1700000000: New connection"));
}

}  // namespace
}  // namespace mre
