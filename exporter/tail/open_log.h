// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/base/error.h"
#include "exporter/base/fd.h"
#include "exporter/tail/file_identity.h"

namespace mre {

struct OpenLog {
  Fd fd;
  FileMetadata metadata;
};

/// Opens a regular file for reading. Errors: unavailable if there is no such file, io if it cannot be opened or
/// is not a regular file. The text says what the operator can do.
Result<OpenLog> open_log(const std::string& path);

}  // namespace mre
