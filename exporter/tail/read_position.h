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
#include "exporter/tail/processed_files.h"

namespace mre {

/// How far one file was read.
struct SavedFile {
  FileIdentity identity;
  ContentPosition position;      ///< Everything before it is processed.
  std::uint64_t size = 0;        ///< As last seen.
  std::int64_t modified_ns = 0;  ///< Last write, as last seen.
  std::string name;              ///< The followed path that led to it first.
  std::string path;              ///< Its last known path,
  std::string real_path;         ///< and that path without symbolic links.
  bool gzip = false;
};

/// The end of a file that existed when a source started to read from the end, and could not be opened yet.
struct InitialEnd {
  FileIdentity identity;
  std::uint64_t size = 0;
};
using InitialEnds = std::map<std::string, InitialEnd>;  ///< By path.

/// The checkpoint of a log source: what it needs to resume.
struct ReadPosition {
  std::vector<SavedFile> files;  ///< In the order in which they are to be read.
  InitialEnds initial_ends;
  ProcessedFiles processed;

  /// Parses what `save_position` wrote for the same pattern. Nothing if it is invalid or for another pattern.
  static std::optional<ReadPosition> read(std::string_view bytes, std::string_view pattern);
};

/// Writes a ReadPosition of these parts. They are not copied into one first: `processed` is as long as all the
/// rest together, and each scrape writes a position.
void save_position(ByteWriter& out, std::string_view pattern, const std::vector<SavedFile>& files,
                   const InitialEnds& initial_ends, const ProcessedFiles& processed);

}  // namespace mre
