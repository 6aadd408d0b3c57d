// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "exporter/base/text.h"
#include "exporter/mqtt/packet_layout.h"

namespace mre::mqtt {

/// Reads the fields of a packet one after the other: OASIS MQTT 5.0 section 1.5. A missing or invalid field
/// makes the reader fail permanently: all further fields are 0 or empty. So a caller needs to check for
/// failure once, at the end.
class PacketFields {
 public:
  explicit PacketFields(std::string_view bytes) : rest_(bytes) {}

  std::uint32_t number(std::size_t bytes) {
    std::uint32_t value = 0;
    for (const char c : view(bytes)) value = value << 8U | static_cast<std::uint8_t>(c);
    return value;
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }

  /// A variable byte integer; it must use the minimum number of bytes.
  std::uint32_t variable_number() {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < kMaxNumberBytes; ++i) {
      const std::uint8_t part = byte();
      value |= (part & 0x7FU) << (7U * i);
      if (part >= 0x80) continue;
      require(part != 0 || i == 0);
      return failed_ ? 0 : value;
    }
    require(false);
    return 0;
  }

  std::string_view binary() { return view(number(2)); }
  std::string_view text() {
    const std::string_view text = binary();
    require(text.find('\0') == std::string_view::npos && is_utf8(text));
    return text;
  }
  std::string_view view(std::size_t bytes) {
    require(bytes <= rest_.size());
    const std::string_view result = rest_.substr(0, failed_ ? 0 : bytes);
    rest_.remove_prefix(result.size());
    return result;
  }

  void require(bool holds) {
    if (holds) return;
    failed_ = true;
    rest_ = {};
  }
  bool failed() const { return failed_; }
  bool empty() const { return rest_.empty(); }
  /// Whether all was result, and all of it was good.
  bool finished() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace mre::mqtt
