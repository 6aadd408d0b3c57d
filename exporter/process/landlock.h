// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// The paths that remain accessible.
struct FileRules {
  std::vector<std::string> read;               ///< Directories with their content, or single files.
  std::vector<std::string> read_write;         ///< FIFOs that are opened for reading and writing.
  std::vector<std::string> write_directories;  ///< In which files may be created and written.
  int state_directory = -1;  ///< Descriptor of one more, in which files may also be removed; -1: none.
};

/// Restricts the calling thread, and all threads and processes that it starts later, to these files
/// (landlock(7)). As far as the kernel supports it, they also cannot execute files, bind TCP ports, or send
/// signals outside. A path that cannot be opened is ignored. Open descriptors stay usable.
///
/// Needs no_new_privs. Returns the version of Landlock. Errors: unavailable, if the kernel does not support
/// or allow it; then nothing is restricted.
Result<int> restrict_files(const FileRules& rules);

}  // namespace mre
