// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/tail/file_identity.h"
#include "exporter/tail/known_files.h"

namespace mre {

/// Where reading has come to in one file.
struct SavedFile {
  FileIdentity identity;
  Fingerprint print;
  std::uint64_t offset = 0;      ///< All before it is done with; in a .gz, of the uncompressed bytes.
  std::string marker;            ///< The bytes before the offset.
  std::uint64_t size = 0;        ///< That was seen.
  std::int64_t modified_ns = 0;  ///< Of the last write that was seen.
  std::string name;              ///< The name that is followed and led to it first.
  std::string path;              ///< Where it stood last,
  std::string real;              ///< and behind symbolic links.
  bool gzip = false;
};

/// A file that was there when a source began that reads from the end on, and could not be opened yet.
struct ExistingFile {
  FileIdentity identity;
  std::uint64_t size = 0;
};

/// All that a log source needs to go on where it was.
struct LogPlace {
  std::vector<SavedFile> files;  ///< In the order in which they are to be read.
  std::map<std::string, ExistingFile> existing;
  KnownFiles known;

  /// What `save_place` wrote for the same pattern. Nothing: it cannot be read, or it is for another one.
  static std::optional<LogPlace> read(std::string_view bytes, std::string_view pattern);
};

/// Writes a LogPlace of these parts. They are taken as they are: `known` is as long as all else together, and
/// this is done at each scrape.
void save_place(ByteWriter& out, std::string_view pattern, const std::vector<SavedFile>& files,
                const std::map<std::string, ExistingFile>& existing, const KnownFiles& known);

}  // namespace mre
