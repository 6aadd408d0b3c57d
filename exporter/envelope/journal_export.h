// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/base/bytes.h"
#include "exporter/envelope/opened.h"

namespace mre {

/// Opens journalctl -o export (systemd.io/JOURNAL_EXPORT_FORMATS), one line after the other: an entry is
/// a line KEY=value for each field, and ends with an empty line. A field with control characters is binary:
/// KEY, a line end, its length as 8 bytes, the bytes, a line end. A stranger may have written the bytes, and
/// imitated fields in them, so the length decides where they end.
///
/// What reads lines drops the CR of a CR LF, and lines that are too long: then the length does not fit, and
/// the entry is refused. The next one is found by its __CURSOR, which holds two random ids of the journal and
/// the boot: strangers do not know them, so they cannot end the bytes early, nor hide the next entry.
class JournalExport {
 public:
  /// The text is valid until the next call.
  Opened open(std::string_view line);

  void clear() { *this = {}; }
  void save(ByteWriter& out) const;  ///< Where in an entry it stands, and the journal's ids.
  /// Takes over what another wrote. If the bytes are not that, `in` fails, and what is here is to be cleared.
  void restore(ByteReader& in);

  /// Whether a line is one of those that an entry begins with.
  static bool begins_entry(std::string_view line);

 private:
  enum class State : std::uint8_t { fields, binary, lost };

  Opened open_field(std::string_view line);
  Opened open_binary(std::string_view line);
  void take(std::string_view bytes);
  void remember_cursor(std::string_view cursor);
  bool continues(std::string_view line) const;
  bool keeps_text() const;
  bool is_possible() const;

  State state_ = State::fields;
  std::string journal_;  // "s=…", "b=…" of the last cursor; empty before the first
  std::string boot_;

  // The binary field.
  bool is_message_ = false;
  unsigned length_bytes_ = 0;  // how many of the 8 are read
  std::uint64_t length_ = 0;
  std::uint64_t taken_ = 0;  // bytes behind the length
  std::string text_;         // those, if it is the message, as far as it is not too long
};

}  // namespace mre
