// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// MQTT inside WebSocket.
///
/// Source: RFC 6455 sections 4 (the opening handshake) and 5 (frames); OASIS MQTT 5.0 section 6 (one MQTT
/// packet may lie in several binary frames and one frame may hold several).
namespace mre::mqtt {

/// Takes the bytes that one side of a WebSocket connection sends, and hands out what its binary messages
/// hold. A value: nothing is kept but the place in the stream. Whether a frame is masked is what the frame
/// says of itself. A client may ask for other things before it asks for WebSocket, in requests without a
/// body; a broker's responses, with their bodies, are passed over until one says 101.
class WebSocketReader {
 public:
  enum class State : std::uint8_t {
    head,        ///< Inside HTTP: requests, or responses up to the head of the one with status 101.
    open,        ///< Frames follow.
    closed,      ///< A close frame was seen. What follows is passed over, as in the one below.
    unreadable,  ///< No frame, or one that an extension changed.
  };

  /// Begins with the HTTP head.
  WebSocketReader() = default;
  /// Begins with a frame: for a connection whose beginning was not seen.
  static WebSocketReader behind_head();

  /// Takes bytes from the front of `bytes` and returns those of them that a binary message holds, without the
  /// mask: a view into `bytes`, or into `scratch` for what was masked. Returns nothing when all bytes are
  /// taken. `scratch` has a byte at least; the view is as long as it at most.
  std::optional<std::string_view> next(std::string_view& bytes, std::span<char> scratch);

  /// How many of the bytes that come next may be missing. See `within_message`.
  std::uint32_t skippable() const;
  /// Goes on behind so many bytes that were not seen, or that nobody needs: unmasking them costs more than
  /// passing over them. At most `skippable()`.
  void skip(std::uint32_t bytes);
  /// Whether the skippable bytes belong to a binary message: who reads what is handed out misses as many.
  bool within_message() const;

  State state() const { return state_; }

 private:
  enum class Head : std::uint8_t {
    unknown,   ///< Not begun; or behind the last one.
    request,   ///< Its end is looked for.
    refused,   ///< Responses: the one with status 101 is looked for.
    accepted,  ///< Its end is looked for.
    passed,    ///< A request, to its end: another one may follow.
  };
  enum class Step : std::uint8_t {
    opcode,
    length,
    long_length,  ///< One of the two or eight bytes of it.
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

  std::uint64_t rest_ = 0;  ///< Bytes of the frame's payload that are still to come.
  std::uint32_t mask_ = 0;  ///< The byte that masks the next one of the payload is the highest; 0 is no mask.
  State state_ = State::head;
  Head head_ = Head::unknown;
  Step step_ = Step::opcode;
  std::uint8_t first_ = 0;  ///< Of a frame: FIN, RSV and the opcode.
  std::uint8_t count_ = 0;  ///< Bytes still to come of a number; in a head, those seen of what is looked for.
  bool masked_ = false;     ///< The frame that is read.
  bool in_binary_ = false;  ///< A binary message goes on in the next continuation frame.
};

}  // namespace mre::mqtt
