// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/base/bytes.h"
#include "exporter/input/line_reader.h"
#include "exporter/tail/file_identity.h"
#include "exporter/tail/log_file.h"

namespace mre {

/// Files that are not to be read as new ones: those that were read to their end and left, those that were
/// there before anything was followed, and copies. Known by their identity, and by a piece of their content,
/// which their copies and packed versions have too.
///
/// Holds the newest kMost; one that is forgotten would be read if it took part in a rotation again.
class KnownFiles {
 public:
  static constexpr std::size_t kMost = 4096;

  struct Known {
    FileIdentity identity;
    Fingerprint print;  ///< Its text is not kept.
    std::uint64_t offset = 0;
    std::string marker;  ///< The bytes before the offset, up to LineReader::kBeforeBytes.
  };

  /// Replaces the one with its identity, unless that may be another file with the same inode.
  void add(const Known& known);
  /// The last one that was added; nothing if there is none.
  std::optional<Known> find(const FileIdentity& identity) const;
  /// Whether `file` is one of them: it has the identity, and where that is not unique the content too.
  bool has(LogFile& file) const;
  /// How the content of `file` stands to theirs, at best.
  LogFile::Kinship kinship(LogFile& file) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  /// A Known that takes no memory besides: a log that is rotated has thousands after a while.
  struct Entry {
    FileIdentity identity;
    std::uint64_t hash;
    std::uint64_t offset;
    std::uint16_t hashed;  ///< Bytes of the fingerprint.
    std::uint8_t marker_bytes;
    std::array<char, LineReader::kBeforeBytes> marker_array;

    explicit Entry(const Known& known);
    Fingerprint print() const { return {hashed, hash, {}}; }
    std::string_view marker() const { return {marker_array.data(), marker_bytes}; }
  };
  std::deque<Entry> files_;
};

}  // namespace mre
