// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "exporter/tail/file_identity.h"

namespace mre {

/// The names in folders, each folder read once as long as nothing comes or goes there: a pattern asks about
/// the relatives of a thousand names.
class FolderNames {
 public:
  /// Of the folder as it is now, in order. Empty if it cannot be read.
  const std::vector<std::string>& of(const std::string& folder);

 private:
  struct Listing {
    std::vector<std::string> names;
    FileIdentity identity;  ///< Of the folder that had that name.
    std::int64_t modified_ns = 0;
    bool certain = false;  ///< A later change would show in the folder's time.
  };
  std::map<std::string, Listing> listings_;
};

}  // namespace mre
