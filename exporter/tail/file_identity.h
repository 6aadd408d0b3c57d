// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/base/bytes.h"

namespace mre {

// A file system gives the inode number of a deleted file to the next new one, and a copy has the same bytes as
// another file. Therefore a file is recognised by two things: by its identity as long as it is open or has a
// name, and by its first bytes, which also its copies and packed versions have.

/// Identifies a file independently of its name.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t birth_ns = 0;  ///< Nanoseconds since 1970; 0: the file system does not report it.

  /// False: a new file that gets the inode of a deleted one has the same identity.
  bool is_unique() const { return birth_ns != 0; }
  bool operator==(const FileIdentity&) const = default;
};

/// What statx(2) reports about a file.
struct FileMetadata {
  FileIdentity identity;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< Nanoseconds since 1970.
  std::uint32_t links = 0;       ///< Number of hard links.
  mode_t mode = 0;
};

/// Of the file that `path` leads to, through symbolic links. Nothing if it fails: errno has the reason.
std::optional<FileMetadata> metadata_of(const std::string& path);
std::optional<FileMetadata> metadata_of(int fd);

/// Whether a change that happens now could get this modification time again: file systems update their clocks
/// slowly, some only every second or two.
bool timestamp_may_repeat(std::int64_t modified_ns);

/// Identifies a content by its first bytes. A short content has a short fingerprint, which grows with it.
struct Fingerprint {
  static constexpr std::size_t kMaxBytes = 1024;

  std::uint32_t bytes = 0;  ///< Number of bytes that it covers; 0: it matches nothing.
  std::uint64_t hash = 0;
  std::string text;  ///< These bytes. May be empty if they are kMaxBytes and the fingerprint was restored.

  /// Of `head`, or of its first kMaxBytes. NULs alone are a hole in a file and give an empty fingerprint.
  static Fingerprint of(std::string_view head);

  /// Whether a content that begins with `head` begins with these bytes. `head` is kMaxBytes long, or the whole
  /// content.
  bool matches(std::string_view head) const;

  /// Whether the whole content `head` is a shorter beginning of these bytes.
  bool extends(std::string_view head) const;
};

/// A position in a content. By it the content is recognised in a copy, in a packed file and after a restart.
struct ContentPosition {
  Fingerprint fingerprint;
  std::uint64_t offset = 0;  ///< Bytes before the position; in a .gz, uncompressed bytes.
  std::string marker;        ///< The last bytes before the offset, up to LineReader::kBeforeBytes.
};

void save(ByteWriter& out, const FileIdentity& identity);
/// Writes the text of a full fingerprint (1 KiB) only if `with_text`.
void save(ByteWriter& out, const ContentPosition& position, bool with_text);
FileIdentity read_identity(ByteReader& in);
ContentPosition read_content_position(ByteReader& in);

}  // namespace mre
