// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/base/fd.h"

namespace mre {

/// A path that the exporter opens again and again while it runs, so that it must be allowed to.
struct NeededPath {
  std::string path;
  std::string what;  ///< For an error: "exporter.yaml:3:5: the log of the broker \"hall\"".
};

/// What a configuration asks of the system while the exporter runs.
struct Needs {
  std::vector<NeededPath> files;        ///< Read; they may be missing, and be replaced.
  std::vector<NeededPath> directories;  ///< Listed and watched; files appear in them and are read.
  std::string capture;  ///< Like NeededPath::what, of the first live capture; empty: there is none.
};

/// Opens the FIFOs among the files for writing too, so that one does not end when its last writer leaves. To
/// be held while the exporter runs: the user that it becomes may be allowed no more than to read them.
std::vector<Fd> hold_fifos(const Needs& needs);

}  // namespace mre
