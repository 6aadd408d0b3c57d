// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <string>

namespace mre {

/// Why a file must not contain a secret, and what to do: others may read or change it. Empty if it is safe.
std::string secret_file_fault(const struct stat& info);

}  // namespace mre
