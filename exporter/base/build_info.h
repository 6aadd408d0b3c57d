// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mre {

/// Identifies the build.
struct BuildInfo {
  std::string version;   ///< "0.1.0"
  std::string revision;  ///< The commit; "unknown" if it was not built from a repository.
  std::string compiler;  ///< "g++ 12.2.0"
};

/// Of this program, as CMake found it when it configured the build.
const BuildInfo& build_info();

}  // namespace mre
