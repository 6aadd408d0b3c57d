// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/file/capture_format.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "exporter/base/word_at.h"

namespace mre {
namespace {

using Step = CaptureFormat::Step;

constexpr std::size_t kMaxInterfaces = 4096;
constexpr std::size_t kFileHeader = 24;
constexpr std::size_t kRecordHeader = 16;
constexpr std::size_t kBlockHeader = 8;   // type and length
constexpr std::size_t kBlockTrailer = 4;  // the length again

constexpr std::string_view kSection = "\x0A\x0D\x0D\x0A";
enum Block : std::uint32_t { kInterface = 1, kObsolete = 2, kSimple = 3, kEnhanced = 6 };

/// The first four bytes of a pcap file.
struct Magic {
  std::string_view bytes;
  bool big_endian;
  std::uint64_t units_per_second;  ///< 0: unsupported.
};
constexpr std::array kMagics{
    Magic{"\xD4\xC3\xB2\xA1", false, 1'000'000},
    Magic{"\xA1\xB2\xC3\xD4", true, 1'000'000},
    Magic{"\x4D\x3C\xB2\xA1", false, 1'000'000'000},
    Magic{"\xA1\xB2\x3C\x4D", true, 1'000'000'000},
    Magic{"\x34\xCD\xB2\xA1", false, 0},  // Kuznetzov's: longer headers, in several layouts
    Magic{"\xA1\xB2\xCD\x34", true, 0},
};

const Magic* find_magic(std::string_view bytes) {
  const auto* found =
      std::ranges::find_if(kMagics, [&](const Magic& m) { return bytes.starts_with(m.bytes); });
  return found == kMagics.end() ? nullptr : found;
}

Step more(std::size_t bytes) { return {.kind = Step::Kind::more, .bytes = bytes}; }
Step skipped(std::size_t bytes) { return {.kind = Step::Kind::skipped, .bytes = bytes}; }

std::uint64_t power(std::uint64_t base, unsigned exponent) {
  std::uint64_t value = 1;
  for (unsigned i = 0; i < exponent; ++i) value *= base;
  return value;
}

}  // namespace

/// The number at `at`, which must be within `bytes`.
template <class Word>
Word CaptureFormat::number(std::string_view bytes, std::size_t at) const {
  static_cast<void>(bytes[at + sizeof(Word) - 1]);  // checked
  const auto word = static_cast<Word>(word_at<Word>(bytes.data() + at));
  if (big_endian_ == (std::endian::native == std::endian::big)) return word;
  if constexpr (sizeof(Word) == 2) return __builtin_bswap16(word);
  if constexpr (sizeof(Word) == 4) return __builtin_bswap32(word);
  if constexpr (sizeof(Word) == 8) return __builtin_bswap64(word);
}

CaptureFormat::Step CaptureFormat::damaged(std::string error) {
  error_ = std::move(error);
  return {.kind = Step::Kind::error};
}

bool CaptureFormat::is_capture(std::string_view bytes) {
  return bytes.starts_with(kSection) || find_magic(bytes) != nullptr;
}

CaptureFormat::Step CaptureFormat::next(std::string_view bytes) {
  switch (kind_) {
    case Kind::unknown:
      return begin(bytes);
    case Kind::pcap:
      return next_pcap(bytes);
    case Kind::pcapng:
      return next_block(bytes);
  }
  return damaged("");
}

CaptureFormat::Step CaptureFormat::begin(std::string_view bytes) {
  if (bytes.size() < kSection.size()) return more(kSection.size());
  if (!bytes.starts_with(kSection)) return begin_pcap(bytes);
  kind_ = Kind::pcapng;
  return next_block(bytes);
}

CaptureFormat::Step CaptureFormat::begin_pcap(std::string_view bytes) {
  const Magic* magic = find_magic(bytes);
  if (magic == nullptr) return damaged("not a pcap or pcapng file");
  if (magic->units_per_second == 0) {
    return damaged(
        "the pcap format of Kuznetzov's modified libpcap is not supported: convert the file with "
        "'editcap -F pcap'");
  }
  if (bytes.size() < kFileHeader) return more(kFileHeader);
  kind_ = Kind::pcap;
  big_endian_ = magic->big_endian;
  constexpr std::uint32_t kLinkTypeBits =
      0xFFFF;  // the upper bits hold the length of the frame check sequence
  interfaces_ = {{.link_type = u32(bytes, 20) & kLinkTypeBits, .units_per_second = magic->units_per_second}};
  return skipped(kFileHeader);
}

CaptureFormat::Step CaptureFormat::next_pcap(std::string_view bytes) {
  if (bytes.size() < kRecordHeader) return more(kRecordHeader);
  const std::size_t captured = u32(bytes, 8);
  if (captured > kMaxBytes) return damaged("invalid frame length " + std::to_string(captured));
  if (bytes.size() < kRecordHeader + captured) return more(kRecordHeader + captured);
  const Interface& interface = interfaces_.front();
  const std::int64_t fraction = interface.time_us(u32(bytes, 4));
  return {.kind = Step::Kind::frame,
          .bytes = kRecordHeader + captured,
          .frame = {.time_us = std::int64_t{u32(bytes, 0)} * 1'000'000 + fraction,
                    .link_type = interface.link_type,
                    .length = u32(bytes, 12),
                    .bytes = bytes.substr(kRecordHeader, captured)}};
}

CaptureFormat::Step CaptureFormat::next_block(std::string_view bytes) {
  constexpr std::uint32_t kByteOrder = 0x1A2B3C4D;
  constexpr std::size_t kNeeded = 12;  // type, length, and the byte order if it is a section
  if (bytes.size() < kNeeded) return more(kNeeded);
  if (bytes.starts_with(kSection)) {
    big_endian_ = false;
    if (u32(bytes, 8) != kByteOrder) big_endian_ = true;
    if (u32(bytes, 8) != kByteOrder) return damaged("section header without a byte-order magic");
  }
  const std::size_t length = u32(bytes, 4);
  if (length < kNeeded || length % 4 != 0 || length > kMaxBytes + 1024) {
    return damaged("invalid block length " + std::to_string(length));
  }
  if (bytes.size() < length) return more(length);
  if (u32(bytes, length - kBlockTrailer) != length) return damaged("the two lengths of a block differ");
  const std::string_view block = bytes.substr(0, length - kBlockTrailer);
  if (bytes.starts_with(kSection)) return read_section(block);
  switch (u32(bytes, 0)) {
    case kInterface:
      return read_interface(block);
    case kEnhanced:
      return read_enhanced(block);
    case kSimple:
      return read_simple(block);
    case kObsolete:
      return read_obsolete(block);
    default:
      return skipped(length);
  }
}

CaptureFormat::Step CaptureFormat::read_section(std::string_view block) {
  if (block.size() < 24) return damaged("section header too short");
  if (const unsigned major = u16(block, 12); major != 1) {
    return damaged("unsupported pcapng version " + std::to_string(major));
  }
  interfaces_.clear();
  return skipped(block.size() + kBlockTrailer);
}

CaptureFormat::Step CaptureFormat::read_interface(std::string_view block) {
  constexpr std::size_t kHead = kBlockHeader + 8;
  if (block.size() < kHead) return damaged("interface description too short");
  if (interfaces_.size() == kMaxInterfaces) return damaged("more than 4096 interfaces");
  Interface interface{.link_type = u16(block, 8), .snap_length = u32(block, 12)};
  read_options(block.substr(kHead), interface);
  interfaces_.push_back(interface);
  return skipped(block.size() + kBlockTrailer);
}

void CaptureFormat::read_options(std::string_view options, Interface& interface) const {
  constexpr unsigned kEnd = 0;
  constexpr unsigned kResolution = 9;
  constexpr unsigned kOffset = 14;
  while (options.size() >= 4) {
    const unsigned code = u16(options, 0);
    const std::size_t length = u16(options, 2);
    options.remove_prefix(4);
    if (code == kEnd || length > options.size()) return;
    if (code == kResolution && length == 1) {
      const auto value = static_cast<std::uint8_t>(options[0]);
      const unsigned exponent = value & 0x7FU;
      if ((value & 0x80U) == 0 && exponent <= 19) interface.units_per_second = power(10, exponent);
      if ((value & 0x80U) != 0 && exponent <= 63) interface.units_per_second = power(2, exponent);
    }
    if (code == kOffset && length == 8) {
      interface.offset_seconds = static_cast<std::int64_t>(number<std::uint64_t>(options, 0));
    }
    options.remove_prefix(std::min(options.size(), (length + 3) / 4 * 4));
  }
}

CaptureFormat::Step CaptureFormat::read_enhanced(std::string_view block) {
  if (block.size() < kBlockHeader + 20) return damaged("enhanced packet block too short");
  return read_packet(block, u32(block, 8), kBlockHeader + 20);
}

CaptureFormat::Step CaptureFormat::read_obsolete(std::string_view block) {
  if (block.size() < kBlockHeader + 20) return damaged("packet block too short");
  return read_packet(block, u16(block, 8), kBlockHeader + 20);
}

/// Both kinds of block have the same layout, except for the interface number.
CaptureFormat::Step CaptureFormat::read_packet(std::string_view block, std::uint32_t interface,
                                               std::size_t head) {
  const std::size_t captured = u32(block, 20);
  if (interface >= interfaces_.size()) return damaged("packet of an unknown interface");
  if (captured > block.size() - head) return damaged("packet longer than its block");
  const std::uint64_t units = std::uint64_t{u32(block, 12)} << 32U | u32(block, 16);
  return {.kind = Step::Kind::frame,
          .bytes = block.size() + kBlockTrailer,
          .frame = {.time_us = interfaces_[interface].time_us(units),
                    .link_type = interfaces_[interface].link_type,
                    .length = u32(block, 24),
                    .bytes = block.substr(head, captured)}};
}

/// A simple packet block has no time; the caller uses the previous frame's.
CaptureFormat::Step CaptureFormat::read_simple(std::string_view block) {
  constexpr std::size_t kHead = kBlockHeader + 4;
  if (block.size() < kHead) return damaged("simple packet block too short");
  if (interfaces_.empty()) return damaged("packet of an unknown interface");
  const Interface& interface = interfaces_.front();
  const std::uint32_t length = u32(block, 8);
  std::size_t captured = std::min<std::size_t>(length, block.size() - kHead);
  if (interface.snap_length != 0) captured = std::min<std::size_t>(captured, interface.snap_length);
  return {
      .kind = Step::Kind::frame,
      .bytes = block.size() + kBlockTrailer,
      .frame = {.link_type = interface.link_type, .length = length, .bytes = block.substr(kHead, captured)}};
}

std::int64_t CaptureFormat::Interface::time_us(std::uint64_t units) const {
  constexpr std::uint64_t kMicroseconds = 1'000'000;
  constexpr std::uint64_t kMaxSeconds = 1ULL << 42U;  // so that microseconds fit into 64 bits
  const std::uint64_t seconds = std::min(units / units_per_second, kMaxSeconds);
  const std::uint64_t rest = units % units_per_second;
  const std::uint64_t micros = units_per_second <= UINT64_MAX / kMicroseconds
                                   ? rest * kMicroseconds / units_per_second
                                   : rest / (units_per_second / kMicroseconds);
  const std::int64_t most = static_cast<std::int64_t>(kMaxSeconds);
  const std::int64_t offset = std::clamp(offset_seconds, -most, most);
  return (static_cast<std::int64_t>(seconds) + offset) * 1'000'000 + static_cast<std::int64_t>(micros);
}

}  // namespace mre
