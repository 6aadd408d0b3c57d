// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/base/fd.h"

namespace mre {

/// A path that the exporter opens repeatedly while it runs.
struct NeededPath {
  std::string path;
  std::string what;  ///< For errors: "exporter.yaml:3:5: the log of the broker \"hall\"".
};

/// The access to the system that a configuration requires.
struct Needs {
  std::vector<NeededPath> files;         ///< Read; may be missing, and may be replaced.
  std::vector<NeededPath> directories;   ///< Listed and watched; new files in them are read.
  std::vector<NeededPath> written = {};  ///< Created and appended to; may be replaced.
  std::string capture;                   ///< NeededPath::what of the first live capture; empty: none.
};

/// Opens the FIFOs among the files for writing too, so that they do not end when the last writer closes them.
/// Keep the result open while the exporter runs: its later user may only be allowed to read them.
std::vector<Fd> hold_fifos(const Needs& needs);

}  // namespace mre
