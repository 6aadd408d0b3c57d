// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "exporter/base/bytes.h"
#include "exporter/envelope/opened.h"

namespace mre {

/// Reads journalctl -o json-pretty line by line. An entry is a line "{", a line for each field (a tab and
/// "KEY" : VALUE), and a line "}". The values are JSON, so a client's text cannot imitate a field.
///
/// A message that is a list (bytes that are not UTF-8, or several messages) is refused. So is any other
/// line. A message above 4096 bytes is null without --all: too long.
class JournalPretty {
 public:
  JournalPretty();
  ~JournalPretty();

  /// The text is valid until the next call.
  Opened open(std::string_view line);

  void clear();
  void save(ByteWriter& out) const;  ///< What was read of the current entry.
  /// Restores what `save` wrote. If the bytes are invalid, `in` fails and the caller must call `clear`.
  void restore(ByteReader& in);

  /// Whether a line begins like a field.
  static bool is_field(std::string_view line);
  /// Whether it is a field that journald itself adds.
  static bool is_own_field(std::string_view line) { return is_field(line) && line[2] == '_'; }

 private:
  enum class Message : std::uint8_t { none, text, too_long, refused };
  struct Parser;

  bool read_field(std::string_view line);
  Opened close();

  Message message_ = Message::none;
  bool in_list_ = false;
  std::string text_;
  std::string service_;
  std::string closed_text_;
  std::string closed_service_;
  std::unique_ptr<Parser> parser_;
};

}  // namespace mre
