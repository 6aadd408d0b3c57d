// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/base/error.h"

namespace mre {

struct CheckAnswer {
  std::string text;       ///< What was found to be configured.
  bool findings = false;  ///< The file is valid, but `text` has warnings, or a probed source is down.
};

enum class Probing : bool { no, yes };

/// The command `check`: `what` is "config", "web-config" or "profile". Errors: invalid_config with file:line:column, the
/// fault and the remedy.
///
/// With Probing::yes, which is for "config" only, it takes the user and the rights that `serve` would have with this
/// configuration, for good, and opens each source (runtime/probe.h). Otherwise it opens no source.
Result<CheckAnswer> check(const std::string& what, const std::string& file, Probing probing = Probing::no);

}  // namespace mre
