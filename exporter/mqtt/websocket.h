// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// MQTT inside WebSocket.
///
/// Source: RFC 6455 sections 4 (the opening handshake) and 5 (frames); OASIS MQTT 5.0 section 6 (one MQTT
/// packet may span several binary frames, and one frame may contain several packets).
namespace mre::mqtt {

/// Reads the bytes that one side of a WebSocket connection sends and returns the content of its binary
/// messages. It stores its position in the stream and nothing else. Each frame says whether it is masked. A
/// client may send other requests without a body before the one for WebSocket; the broker's responses and
/// their bodies are skipped until one has status 101.
class WebSocketReader {
 public:
  enum class State : std::uint8_t {
    head,        ///< Inside HTTP: requests, or responses up to the head of the one with status 101.
    open,        ///< Frames follow.
    closed,      ///< A close frame was seen. Everything after it is ignored, as in `unreadable`.
    unreadable,  ///< An invalid frame, or one changed by an extension.
  };

  /// Starts with the HTTP handshake.
  WebSocketReader() = default;
  /// Starts with a frame: for a connection whose handshake was not captured.
  static WebSocketReader after_handshake();

  /// Consumes bytes from the front of `bytes` and returns the unmasked content of a binary message: a view
  /// into `bytes`, or into `scratch` if it was masked. Returns nullopt when all bytes are consumed. `scratch`
  /// must not be empty; the view is at most as long.
  std::optional<std::string_view> next(std::string_view& bytes, std::span<char> scratch);

  /// How many of the next bytes may be missing. See `within_message`.
  std::uint32_t skippable() const;
  /// Skips that many bytes that were not captured or are not needed (skipping is cheaper than unmasking). At
  /// most `skippable()`.
  void skip(std::uint32_t bytes);
  /// Whether the skippable bytes belong to a binary message, so that its reader has to skip as many.
  bool within_message() const;

  State state() const { return state_; }

 private:
  enum class Head : std::uint8_t {
    unknown,   ///< Before a head, or after one.
    request,   ///< Searching the end of a request.
    refused,   ///< Responses: searching the one with status 101.
    accepted,  ///< Searching the end of the response with status 101.
    passed,    ///< The end of a request was read; another one may follow.
  };
  enum class Step : std::uint8_t {
    opcode,
    length,
    long_length,  ///< One of the two or eight bytes of an extended length.
    mask,
    payload,
  };

  void read_head(std::string_view& bytes);
  void read_head(char byte);
  void read_frame(std::uint8_t byte);
  void begin_frame(std::uint8_t byte);
  void begin_length(std::uint8_t byte);
  void end_length();
  void end_header();
  std::string_view unmasked(std::string_view payload, std::span<char> scratch);

  std::uint64_t rest_ = 0;  ///< Remaining bytes of the frame's payload.
  std::uint32_t mask_ = 0;  ///< The highest byte masks the next byte of the payload; 0: not masked.
  State state_ = State::head;
  Head head_ = Head::unknown;
  Step step_ = Step::opcode;
  std::uint8_t first_ = 0;  ///< First byte of the frame: FIN, RSV and the opcode.
  std::uint8_t count_ =
      0;                 ///< Remaining bytes of a number; in a head, how much of the searched text was seen.
  bool masked_ = false;  ///< Whether the current frame is masked.
  bool in_binary_ = false;  ///< A continuation frame continues a binary message.
};

}  // namespace mre::mqtt
