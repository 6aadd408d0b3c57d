// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mre {

/// Which exporter this is.
struct BuildInfo {
  std::string version;   ///< "0.1.0"
  std::string revision;  ///< Of the source, "unknown" if it was not built from a repository.
  std::string compiler;  ///< "g++ 12.2.0"
};

/// Version, revision and compiler of this program, as CMake saw them when it configured the build.
const BuildInfo& build_info();

}  // namespace mre
