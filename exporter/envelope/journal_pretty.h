// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "exporter/base/bytes.h"
#include "exporter/envelope/opened.h"

namespace mre {

/// Opens journalctl -o json-pretty, one line after the other: an entry is a line "{", a line for each field,
/// a tab and "KEY" : VALUE, and a line "}". The values are JSON, so a client's text cannot imitate a field.
///
/// A message that is a list (bytes that are not UTF-8, or several messages) is refused. So is a line that is
/// none of these. A message above 4096 bytes is null without --all: too long.
class JournalPretty {
 public:
  JournalPretty();
  ~JournalPretty();

  /// The text is valid until the next call.
  Opened open(std::string_view line);

  void clear();
  void save(ByteWriter& out) const;  ///< What is read of the entry.
  /// Restores what another wrote. If the bytes are not that, `in` fails, and this is to be cleared.
  void restore(ByteReader& in);

  /// Whether a line begins as that of a field does.
  static bool is_field(std::string_view line);
  /// Of a field that journald writes itself.
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
