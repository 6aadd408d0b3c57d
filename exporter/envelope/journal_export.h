// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "exporter/base/bytes.h"
#include "exporter/envelope/opened.h"

namespace mre {

/// Reads journalctl -o export (systemd.io/JOURNAL_EXPORT_FORMATS) line by line. An entry has a line KEY=value
/// for each field and ends with an empty line. A field with control characters is binary: KEY, a line end,
/// its length as 8 bytes, the bytes, a line end. The bytes may come from a client and imitate fields, so only
/// the length decides where they end.
///
/// The line reader drops the CR of a CR LF, and lines that are too long. Then the length does not fit and the
/// entry is refused. The next entry is found by its __CURSOR, which contains two random ids of the journal
/// and the boot. Clients do not know them, so they can neither end the bytes early nor hide the next entry.
class JournalExport {
 public:
  /// The text is valid until the next call.
  Opened open(std::string_view line);

  void clear() { *this = {}; }
  void save(ByteWriter& out) const;  ///< The position in the entry, and the journal's ids.
  /// Restores what `save` wrote. If the bytes are invalid, `in` fails and the caller must call `clear`.
  void restore(ByteReader& in);

  /// Whether an entry can begin with this line.
  static bool begins_entry(std::string_view line);

 private:
  enum class State : std::uint8_t { fields, binary, lost };

  Opened open_field(std::string_view line);
  Opened open_binary(std::string_view line);
  void read_bytes(std::string_view bytes);
  void remember_cursor(std::string_view cursor);
  bool continues(std::string_view line) const;
  bool stores_text() const;
  bool is_possible() const;

  State state_ = State::fields;
  std::string journal_;  // "s=…", "b=…" of the last cursor; empty before the first
  std::string boot_;

  // The binary field.
  bool is_message_ = false;
  unsigned length_bytes_ = 0;  // how many of the 8 were read
  std::uint64_t length_ = 0;
  std::uint64_t read_bytes_ = 0;  // bytes after the length
  std::string text_;              // these bytes, if it is the message and not too long
};

}  // namespace mre
