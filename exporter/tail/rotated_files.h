// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/tail/file_identity.h"
#include "exporter/tail/folder_names.h"

namespace mre {

/// A file that a log may have become when it was rotated.
struct RotatedFile {
  std::string path;
  FileFacts facts;
  bool gzip = false;
  std::uint64_t number = 0;  ///< Of log.2 and log.2.gz, the 2; the higher, the older. 0: the name has none.
};

/// Whether rotation gives such a name to the log file `base`: a suffix (.1, .2.gz, .old, -20261122,
/// -20261122-1700000000.gz, .2026-11-22T10-00-00, .20261122-100000 of the kubelet), or a number or a date
/// before the extension (log-20261122.txt, log.1.txt), or, where the whole stem is a number (0.log of the
/// kubelet), another number.
bool is_rotated_name(std::string_view base, std::string_view name);

/// The regular files beside `paths` that rotation may have made of them, oldest first: by the time of the
/// last write, then the birth, then the number. None of `paths` itself; not a .gz that is being written,
/// which is one whose uncompressed file still stands beside it. A folder that changes while it is read is
/// read again.
std::vector<RotatedFile> rotated_files(FolderNames& folders, const std::set<std::string>& paths);

bool is_gzip_name(std::string_view name);

}  // namespace mre
