// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/capture/frame/frame.h"

namespace mre {

/// Parses capture files: pcap and pcapng, of either byte order. A pure function of the bytes and of the
/// headers before them (byte order, link types, resolution of the clock); it does no input.
///
/// libpcap does not read the files, because it refuses a pcapng file whose interfaces have different link
/// types. A capture of several interfaces of a host, such as Ethernet and a VPN, is such a file.
///
/// Source: draft-ietf-opsawg-pcap; draft-ietf-opsawg-pcapng.
class CaptureFormat {
 public:
  /// A longer block or frame is an error: the file is damaged.
  static constexpr std::size_t kMaxBytes = 16U << 20U;

  struct Step {
    enum class Kind : std::uint8_t {
      frame,    ///< Consumed `bytes`, which hold `frame`, a view into them.
      skipped,  ///< Consumed `bytes`, which hold no frame.
      more,     ///< Needs at least `bytes` bytes to continue.
      error,    ///< The file is damaged here; `error()` has the reason.
    };
    Kind kind;
    std::size_t bytes = 0;
    Frame frame = {};
  };

  /// Whether these bytes, at least kMagicBytes, are the start of a capture file.
  static constexpr std::size_t kMagicBytes = 4;
  static bool is_capture(std::string_view bytes);

  /// Parses the next header, block or frame of `bytes`.
  Step next(std::string_view bytes);
  const std::string& error() const { return error_; }

 private:
  /// An interface of a pcapng section; pcap has one.
  struct Interface {
    std::uint32_t link_type = 0;
    std::uint32_t snap_length = 0;               ///< 0: unlimited.
    std::uint64_t units_per_second = 1'000'000;  ///< Resolution of its clock.
    std::int64_t offset_seconds = 0;

    std::int64_t time_us(std::uint64_t units) const;
  };
  enum class Kind : std::uint8_t { unknown, pcap, pcapng };

  Step begin(std::string_view bytes);
  Step begin_pcap(std::string_view bytes);
  Step next_pcap(std::string_view bytes);
  Step next_block(std::string_view bytes);
  Step read_section(std::string_view block);
  Step read_interface(std::string_view block);
  Step read_enhanced(std::string_view block);
  Step read_simple(std::string_view block);
  Step read_obsolete(std::string_view block);
  Step read_packet(std::string_view block, std::uint32_t interface, std::size_t head);
  void read_options(std::string_view options, Interface& interface) const;
  Step damaged(std::string error);
  template <class Word>
  Word number(std::string_view bytes, std::size_t at) const;
  std::uint16_t u16(std::string_view bytes, std::size_t at) const { return number<std::uint16_t>(bytes, at); }
  std::uint32_t u32(std::string_view bytes, std::size_t at) const { return number<std::uint32_t>(bytes, at); }

  Kind kind_ = Kind::unknown;
  bool big_endian_ = false;
  std::vector<Interface> interfaces_;
  std::string error_;
};

}  // namespace mre
