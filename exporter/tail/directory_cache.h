// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "exporter/tail/file_identity.h"

namespace mre {

/// Lists directories. A directory is read again only after it changed, because a pattern asks for the rotation
/// siblings of up to a thousand names in the same directory.
class DirectoryCache {
 public:
  /// The current file names in `directory`, sorted. Empty if it cannot be read. Valid until the next call.
  const std::vector<std::string>& list(const std::string& directory);

 private:
  struct Listing {
    std::vector<std::string> names;
    FileIdentity identity;  ///< Of the directory that had this path.
    std::int64_t modified_ns = 0;
    bool reusable = false;  ///< A later change would change `modified_ns`.
  };
  std::map<std::string, Listing> listings_;
};

}  // namespace mre
