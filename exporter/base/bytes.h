// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace mre {

/// Writes numbers and texts one behind the other into a string, for a ByteReader that asks for the same in
/// the same order. The bytes are the same on every machine.
class ByteWriter {
 public:
  /// Seven bits a byte, the lowest first: small numbers are short.
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) bytes_ += static_cast<char>(value | 0x80U);
    bytes_ += static_cast<char>(value);
  }
  /// Eight bytes, the lowest first: for hashes.
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
  /// Begins anew, with the room it has.
  void clear() { bytes_.clear(); }
  std::string take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a ByteWriter wrote. Bytes that are not there, or that say what cannot be, make it fail for
/// good: from then on everything reads as 0, false or empty, so that a caller may ask `failed` once, at the
/// end. What it read may be anything: the caller checks ranges.
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
  /// A number up to `most`; fails if it is more.
  std::uint64_t number_up_to(std::uint64_t most) {
    const std::uint64_t value = number();
    if (value <= most) return value;
    fail();
    return 0;
  }
  std::uint64_t word() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 8) value |= std::uint64_t{next()} << shift;
    return failed_ ? 0 : value;
  }
  bool flag() { return number_up_to(1) == 1; }
  /// A view into the bytes that are read.
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
  /// Whether everything was read, and all of it was good.
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
