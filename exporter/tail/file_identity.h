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

// A file system gives the inode number of a deleted file to the next new one, and a copy has the bytes of
// another file. So a file is known by two things: by its identity, where somebody holds it or it has a name,
// and by its first bytes, wherever its content went.

/// Which file, whatever its name is.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t birth_ns = 0;  ///< Nanoseconds since 1970; 0: the file system does not report it.

  /// False: a new file has the identity of a deleted one if it gets its inode.
  bool is_unique() const { return birth_ns != 0; }
  bool operator==(const FileIdentity&) const = default;
};

/// What the file system says about a file.
struct FileFacts {
  FileIdentity identity;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< Nanoseconds since 1970.
  std::uint32_t links = 0;       ///< Names that it has.
  mode_t mode = 0;
};

/// Of the file that `path` leads to, through symbolic links. Nothing: errno says why.
std::optional<FileFacts> facts_of(const std::string& path);
std::optional<FileFacts> facts_of(int fd);

/// Whether a change that comes now could bear this time too: the clocks of file systems tick slowly, some
/// every second or two.
bool may_repeat(std::int64_t modified_ns);

/// Of the first bytes of a content. A short content has a short fingerprint, which grows with it.
struct Fingerprint {
  static constexpr std::size_t kMostBytes = 1024;

  std::uint32_t bytes = 0;  ///< How many were taken; 0: it tells nothing.
  std::uint64_t hash = 0;
  std::string text;  ///< The bytes; may be empty if they are kMostBytes and come from a place.

  /// Of `head`, or of its first kMostBytes. NULs alone are a hole, and tell nothing.
  static Fingerprint of(std::string_view head);

  /// Whether a content that begins with `head` begins with these bytes. `head` is kMostBytes long, or all
  /// there is.
  bool fits(std::string_view head) const;

  /// Whether a content that is only `head` is a beginning of these bytes.
  bool goes_beyond(std::string_view head) const;
};

void save(ByteWriter& out, const FileIdentity& identity);
/// The text of a whole fingerprint only if `text` says so: 1 KiB.
void save(ByteWriter& out, const Fingerprint& print, bool text);
FileIdentity read_identity(ByteReader& in);
Fingerprint read_fingerprint(ByteReader& in);

}  // namespace mre
