// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/base/error.h"

namespace mre {

struct CheckAnswer {
  std::string text;       ///< What was found to be configured.
  bool findings = false;  ///< The file is valid, but `text` has warnings.
};

/// The command `check`: `what` is "config", "web-config" or "profile". Opens no source. Errors: invalid_config with
/// file:line:column, the fault and the remedy.
Result<CheckAnswer> check(const std::string& what, const std::string& file);

}  // namespace mre
