// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>

#include "exporter/base/fd.h"

namespace mre {

/// Whether a file starts as gzip(1) writes it (RFC 1952 section 2.3.1), and a text never does.
bool is_gzip(const Fd& file);

/// Reads the uncompressed bytes of a file that gzip(1) wrote, also of several concatenated members. It unpacks
/// while it reads, in constant memory; reading at an earlier offset unpacks from the beginning again. One thread.
///
/// Lost: what follows bytes that cannot be unpacked. Reading ends there, and `damaged` returns true.
///
/// It calls inflate() itself, because gzread() of zlib breaks three promises:
/// - A read is limited in packed bytes: gzread() reads any number of empty members in one call (80 MiB were
///   measured), which neither an interrupt nor a deadline can end.
/// - The bytes before damage are returned: gzread() fails without those that it unpacked in the same call.
/// - A file that is not gzip is damaged: gzread() returns its bytes unchanged.
class GzipFile {
 public:
  explicit GzipFile(Fd fd);
  GzipFile(GzipFile&&) noexcept;
  GzipFile& operator=(GzipFile&&) noexcept;
  ~GzipFile();

  /// Like pread(2) on the uncompressed bytes, but it fills `out` unless the file ends or 1 MiB of packed bytes
  /// contains less. Therefore 0 means the end only if `ended` returns true. -1: errno has the reason.
  ssize_t read_at(std::span<char> out, std::uint64_t offset);

  /// The file ends inside a member, or is not in gzip format.
  bool damaged() const;
  /// The last read reached the end of what can be unpacked.
  bool ended() const;

 private:
  struct Unpacker;
  std::unique_ptr<Unpacker> unpacker_;
};

}  // namespace mre
