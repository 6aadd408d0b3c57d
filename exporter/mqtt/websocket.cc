// SPDX-License-Identifier: Apache-2.0
#include "exporter/mqtt/websocket.h"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace mre::mqtt {
namespace {

constexpr std::string_view kAccepted = "HTTP/1.1 101";  // RFC 6455 section 4.2.2
constexpr std::string_view kHeadEnd = "\r\n\r\n";

// RFC 6455 section 5.2.
constexpr unsigned kFin = 0x80;
constexpr unsigned kReserved = 0x70;
constexpr unsigned kOpcode = 0x0F;
constexpr unsigned kControl = 0x08;
constexpr unsigned kMasked = 0x80;
constexpr std::uint8_t kMaskBytes = 4;
constexpr std::uint64_t kMaxControlLength = 125;
enum Opcode : std::uint8_t { kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10 };

bool is_opcode(unsigned opcode) { return opcode <= kBinary || (opcode >= kClose && opcode <= kPong); }

std::uint32_t rotated(std::uint32_t mask, unsigned bytes) {
  const unsigned bits = 8 * (bytes % kMaskBytes);
  return bits == 0 ? mask : mask << bits | mask >> (32 - bits);
}

}  // namespace

WebSocketReader WebSocketReader::after_handshake() {
  WebSocketReader reader;
  reader.state_ = State::open;
  reader.in_binary_ = true;  // all that MQTT is in
  return reader;
}

std::optional<std::string_view> WebSocketReader::next(std::string_view& bytes, std::span<char> scratch) {
  while (!bytes.empty()) {
    if (state_ == State::head) {
      read_head(bytes);
    } else if (state_ != State::open) {
      bytes = {};
    } else if (step_ != Step::payload) {
      const auto byte = static_cast<std::uint8_t>(bytes.front());
      bytes.remove_prefix(1);
      read_frame(byte);
    } else {
      const bool wanted = within_message();
      std::string_view part = bytes.substr(0, skippable());
      if (wanted && mask_ != 0) part = unmasked(part, scratch);
      bytes.remove_prefix(part.size());
      skip(static_cast<std::uint32_t>(part.size()));
      if (wanted) return part;
    }
  }
  return std::nullopt;
}

std::uint32_t WebSocketReader::skippable() const {
  constexpr std::uint32_t kAny = std::numeric_limits<std::uint32_t>::max();
  if (state_ == State::head) return 0;
  if (state_ != State::open) return kAny;
  return step_ == Step::payload ? static_cast<std::uint32_t>(std::min<std::uint64_t>(rest_, kAny)) : 0;
}

void WebSocketReader::skip(std::uint32_t bytes) {
  if (state_ != State::open || bytes == 0) return;
  rest_ -= bytes;
  mask_ = rotated(mask_, bytes);
  if (rest_ == 0) step_ = Step::opcode;
}

bool WebSocketReader::within_message() const {
  return state_ == State::open && step_ == Step::payload && in_binary_ && (first_ & kControl) == 0;
}

std::string_view WebSocketReader::unmasked(std::string_view payload, std::span<char> scratch) {
  const std::size_t count = std::min(payload.size(), scratch.size());
  std::uint32_t mask = mask_;
  for (std::size_t i = 0; i < count; ++i) {
    scratch[i] = static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ (mask >> 24U));
    mask = rotated(mask, 1);
  }
  return {scratch.data(), count};
}

void WebSocketReader::read_head(std::string_view& bytes) {
  while (!bytes.empty() && state_ == State::head) {
    read_head(bytes.front());
    bytes.remove_prefix(1);
  }
}

/// The first letter of either text is found nowhere else in it, or is where its first half begins again.
void WebSocketReader::read_head(char byte) {
  if (head_ == Head::unknown) head_ = byte == kAccepted[0] ? Head::refused : Head::request;
  const std::string_view wanted = head_ == Head::refused ? kAccepted : kHeadEnd;
  count_ = byte == wanted[count_] ? static_cast<std::uint8_t>(count_ + 1) : byte == wanted[0] ? 1 : 0;
  if (count_ < wanted.size()) return;
  count_ = 0;
  if (head_ == Head::refused) {
    head_ = Head::accepted;
  } else {
    head_ = head_ == Head::request ? Head::passed : Head::unknown;
    state_ = State::open;
  }
}

void WebSocketReader::read_frame(std::uint8_t byte) {
  switch (step_) {
    case Step::opcode:
      return begin_frame(byte);
    case Step::length:
      return begin_length(byte);
    case Step::long_length:
      rest_ = rest_ << 8U | byte;
      if (--count_ == 0) end_length();
      return;
    default:
      mask_ = mask_ << 8U | byte;
      if (--count_ == 0) end_header();
  }
}

/// No frame begins with a letter of a method: that would be a reserved opcode.
void WebSocketReader::begin_frame(std::uint8_t byte) {
  if (head_ == Head::passed && byte >= 'A' && byte <= 'Z') {
    head_ = Head::request;
    state_ = State::head;
    return;
  }
  head_ = Head::unknown;
  const unsigned opcode = byte & kOpcode;
  const bool is_cut_control = (opcode & kControl) != 0 && (byte & kFin) == 0;
  if ((byte & kReserved) != 0 || !is_opcode(opcode) || is_cut_control) {
    state_ = State::unreadable;
    return;
  }
  first_ = byte;
  if (opcode == kText || opcode == kBinary) in_binary_ = opcode == kBinary;
  step_ = Step::length;
}

void WebSocketReader::begin_length(std::uint8_t byte) {
  constexpr unsigned kTwoBytes = 126;
  constexpr unsigned kEightBytes = 127;
  masked_ = (byte & kMasked) != 0;
  rest_ = byte & ~kMasked;
  if (rest_ < kTwoBytes) return end_length();
  count_ = rest_ < kEightBytes ? 2 : 8;
  rest_ = 0;
  step_ = Step::long_length;
}

void WebSocketReader::end_length() {
  const bool is_control = (first_ & kControl) != 0;
  if (rest_ >> 63U != 0 || (is_control && rest_ > kMaxControlLength)) {
    state_ = State::unreadable;
    return;
  }
  mask_ = 0;
  count_ = kMaskBytes;
  step_ = Step::mask;
  if (!masked_) end_header();
}

void WebSocketReader::end_header() {
  step_ = rest_ == 0 ? Step::opcode : Step::payload;
  if ((first_ & kOpcode) == kClose) state_ = State::closed;
}

}  // namespace mre::mqtt
