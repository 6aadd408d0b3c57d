#pragma once

#include "exporter/metrics/exposition.h"

namespace mre {

/// Version, revision and compiler of this program, as CMake saw them when it configured the build.
const BuildInfo& build_info();

}  // namespace mre
