// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/capture/frame/frame.h"

namespace mre {

/// Takes a recording of frames apart: pcap and pcapng, of either byte order. No input of its own; a pure
/// function of the bytes and of what stood before them (byte order, link types, resolution of the clock).
///
/// Source: draft-ietf-opsawg-pcap; draft-ietf-opsawg-pcapng.
class CaptureFormat {
 public:
  /// No block or frame is longer: one that says so is damage, or no capture.
  static constexpr std::size_t kMaxBytes = 16U << 20U;

  struct Step {
    enum class Kind : std::uint8_t {
      frame,   ///< `frame` is one, a view into the bytes; they end after `bytes`.
      passed,  ///< `bytes` of them hold none.
      more,    ///< It takes at least `bytes` of them to go on.
      error,   ///< It is damaged here: `error` says how.
    };
    Kind kind;
    std::size_t bytes = 0;
    Frame frame = {};
    std::string error = {};
  };

  /// Whether a file begins with these bytes: at least kMagicBytes of them.
  static constexpr std::size_t kMagicBytes = 4;
  static bool is_capture(std::string_view bytes);

  /// Reads what stands at the front of `bytes`.
  Step next(std::string_view bytes);

 private:
  /// One interface of a pcapng section; of pcap, the only one.
  struct Interface {
    std::uint32_t link_type = 0;
    std::uint32_t snap_length = 0;             ///< 0 is none.
    std::uint64_t units_a_second = 1'000'000;  ///< Of its clock.
    std::int64_t offset_seconds = 0;

    std::int64_t time_us(std::uint64_t units) const;
  };
  enum class Kind : std::uint8_t { unknown, pcap, pcapng };

  Step begin(std::string_view bytes);
  Step begin_pcap(std::string_view bytes);
  Step next_pcap(std::string_view bytes) const;
  Step next_block(std::string_view bytes);
  Step read_section(std::string_view block);
  Step read_interface(std::string_view block);
  Step read_enhanced(std::string_view block) const;
  Step read_simple(std::string_view block) const;
  Step read_obsolete(std::string_view block) const;
  Step read_packet(std::string_view block, std::uint32_t interface, std::size_t head) const;
  void read_options(std::string_view options, Interface& interface) const;
  std::uint16_t u16(std::string_view bytes, std::size_t at) const;
  std::uint32_t u32(std::string_view bytes, std::size_t at) const;
  std::uint64_t u64(std::string_view bytes, std::size_t at) const;

  Kind kind_ = Kind::unknown;
  bool big_endian_ = false;
  std::vector<Interface> interfaces_;
};

}  // namespace mre
