// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <span>

#include "exporter/base/fd.h"

namespace mre {

/// The uncompressed bytes of a file that gzip(1) wrote, also of several members one behind the other. They
/// are unpacked as they are read, in constant memory; to go back means to unpack from the beginning again.
///
/// Lost: what stands behind a place that cannot be unpacked. Reading ends there; `damaged` says so.
class GzipFile {
 public:
  explicit GzipFile(Fd fd);
  GzipFile(GzipFile&&) noexcept;
  GzipFile& operator=(GzipFile&&) noexcept;
  ~GzipFile();

  /// Like pread(2) on the uncompressed bytes, but it fills `out` unless it comes to the end, or a MiB of
  /// packed bytes holds less: then it may give none before the end, which `ended` tells apart.
  ssize_t read_at(std::span<char> out, std::uint64_t offset);

  /// The file ends within a member, or what it holds is no gzip format.
  bool damaged() const;
  /// The last read came to the end of what can be unpacked.
  bool ended() const;

 private:
  struct Unpacker;
  std::unique_ptr<Unpacker> unpacker_;
};

}  // namespace mre
