// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <string>

namespace mre {

/// Why a file must not hold a secret: others may read it, or change it. Empty if it may.
std::string secret_file_fault(const struct stat& info);

}  // namespace mre
