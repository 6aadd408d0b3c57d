// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// What stays allowed below which paths.
struct FileRules {
  std::vector<std::string> read;        ///< Directories with all in them, or single files.
  std::vector<std::string> read_write;  ///< FIFOs that are opened for both.
  int write_directory = -1;             ///< Descriptor of the directory in which files are made; -1: none.
};

/// Takes from the calling thread, and from all threads and processes that it starts later, the right to open
/// any file but those (landlock(7)). Also to execute one, to bind a TCP port, and to send signals outside, as
/// far as the kernel knows that. A path that cannot be opened gives no right. Descriptors that are open stay
/// usable.
///
/// Needs no_new_privs. Returns the version of Landlock. Errors: unavailable, if the kernel has none or does
/// not allow it; then nothing is taken.
Result<int> restrict_files(const FileRules& rules);

}  // namespace mre
