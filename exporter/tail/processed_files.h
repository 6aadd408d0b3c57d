// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "exporter/base/bytes.h"
#include "exporter/input/line_reader.h"
#include "exporter/tail/file_identity.h"
#include "exporter/tail/log_file.h"

namespace mre {

/// A file that must not be read as a new one.
struct ProcessedFile {
  FileIdentity identity;
  /// How far it was read. The fingerprint's text is not stored. An empty one: only the identity is known.
  ContentPosition position;
};

/// The files that must not be read as new ones: those that were read to their end, those that existed before
/// anything was followed, and copies. They are recognised by their identity, and by their content, which their
/// copies and packed versions have too.
///
/// Stores the newest kMaxFiles. A file that was dropped would be read again if it took part in a rotation.
class ProcessedFiles {
 public:
  static constexpr std::size_t kMaxFiles = 4096;

  /// Replaces the entry with the same identity, unless that may be another file with the same inode.
  void add(const ProcessedFile& file);
  /// The last one added with this identity.
  std::optional<ProcessedFile> find(const FileIdentity& identity) const;
  /// Whether `file` is one of them: it has the identity and, where the identity is not unique, the content.
  bool contains(LogFile& file) const;
  /// The best match of the content of `file` with theirs.
  LogFile::Match match(LogFile& file) const;

  void save(ByteWriter& out) const;
  void restore(ByteReader& in);

 private:
  /// A ProcessedFile without memory of its own on the heap: a log that is rotated has thousands after a while.
  struct Entry {
    FileIdentity identity;
    std::uint64_t hash;
    std::uint64_t offset;
    std::uint16_t fingerprint_bytes;
    std::uint8_t marker_bytes;
    std::array<char, LineReader::kBeforeBytes> marker_array;

    explicit Entry(const ProcessedFile& file);
    ContentPosition position() const;
  };
  std::deque<Entry> files_;
};

}  // namespace mre
