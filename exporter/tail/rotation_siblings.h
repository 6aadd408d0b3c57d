// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/tail/directory_cache.h"
#include "exporter/tail/file_identity.h"

namespace mre {

/// A file beside a log that may have been that log before a rotation, or a copy of it.
struct RotationSibling {
  std::string path;
  FileMetadata metadata;
  bool gzip = false;
  std::uint64_t number = 0;  ///< Of log.2 and log.2.gz: 2. A higher number is older. 0: the name has none.
};

/// Whether rotation gives such a name to the log file `base`: with a suffix (.1, .2.gz, .old, -20261122,
/// -20261122-1700000000.gz, .2026-11-22T10-00-00, .20261122-100000 of the kubelet), with a number or a date
/// before the extension (log-20261122.txt, log.1.txt), or, if the whole stem is a number (0.log of the
/// kubelet), with another number.
bool is_rotated_name(std::string_view base, std::string_view name);

/// The regular files beside `paths` that rotation may have made of them, oldest first: by modification time,
/// then birth time, then number. Contains none of `paths`, and no .gz that gzip(1) is still writing, which is
/// one whose uncompressed file still exists. A directory that changes meanwhile is read again.
std::vector<RotationSibling> rotation_siblings(DirectoryCache& cache, const std::set<std::string>& paths);

bool is_gzip_name(std::string_view name);

}  // namespace mre
