// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "exporter/base/text.h"
#include "exporter/mqtt/packet_layout.h"

namespace mre::mqtt {

/// Takes the fields of a packet one after the other: OASIS MQTT 5.0 section 1.5. A field that is not there,
/// or is not as the standard wants it, makes it fail for good: from then on every field is 0 or empty, so
/// that a caller may ask once, at the end.
class PacketFields {
 public:
  explicit PacketFields(std::string_view bytes) : rest_(bytes) {}

  std::uint32_t number(std::size_t bytes) {
    std::uint32_t value = 0;
    for (const char c : take(bytes)) value = value << 8U | static_cast<std::uint8_t>(c);
    return value;
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(number(1)); }

  /// In as few bytes as it takes.
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

  std::string_view binary() { return take(number(2)); }
  std::string_view text() {
    const std::string_view text = binary();
    require(text.find('\0') == std::string_view::npos && is_utf8(text));
    return text;
  }
  std::string_view take(std::size_t bytes) {
    require(bytes <= rest_.size());
    const std::string_view taken = rest_.substr(0, failed_ ? 0 : bytes);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  void require(bool holds) {
    if (holds) return;
    failed_ = true;
    rest_ = {};
  }
  bool failed() const { return failed_; }
  bool empty() const { return rest_.empty(); }
  /// Whether all was taken, and all of it was good.
  bool finished() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace mre::mqtt
