// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace mre {

/// Appends numbers and texts to a string. A ByteReader reads them in the same order. The bytes do not depend on
/// the machine.
class ByteWriter {
 public:
  /// Seven bits per byte, lowest first: small numbers are short.
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) bytes_ += static_cast<char>(value | 0x80U);
    bytes_ += static_cast<char>(value);
  }
  /// Eight bytes, lowest first: for hashes.
  void word(std::uint64_t value) {
    std::array<char, 8> bytes{};
    for (char& byte : bytes) {
      byte = static_cast<char>(value);
      value >>= 8U;
    }
    bytes_.append(bytes.data(), bytes.size());
  }
  void flag(bool value) { number(value ? 1 : 0); }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }

  const std::string& bytes() const { return bytes_; }
  std::string take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a ByteWriter wrote. After missing or invalid bytes every read returns 0, false or empty, so that it
/// is enough to check `failed` once at the end. The caller checks the range of values.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = next();
      const std::uint64_t part = byte & 0x7FU;
      if (shift == 63 && part > 1) break;
      value |= part << shift;
      if (byte < 0x80) return failed_ ? 0 : value;
    }
    fail();
    return 0;
  }
  /// A number; fails if it is above `max`.
  std::uint64_t number_up_to(std::uint64_t max) {
    const std::uint64_t value = number();
    if (value <= max) return value;
    fail();
    return 0;
  }
  std::uint64_t word() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 8) value |= std::uint64_t{next()} << shift;
    return failed_ ? 0 : value;
  }
  bool flag() { return number_up_to(1) == 1; }
  /// A view into the bytes given to the constructor.
  std::string_view text() {
    const std::uint64_t size = number();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view value = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return value;
  }

  void fail() {
    failed_ = true;
    rest_ = {};
  }
  bool failed() const { return failed_; }
  /// Whether all bytes were read and valid.
  bool finished() const { return !failed_ && rest_.empty(); }

 private:
  std::uint8_t next() {
    if (rest_.empty()) {
      fail();
      return 0;
    }
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace mre
