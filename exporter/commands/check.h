// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "exporter/base/error.h"

namespace mre {

struct CheckAnswer {
  std::string text;       ///< What was checked.
  bool findings = false;  ///< It can be used, but `text` has warnings.
};

/// The command `check`: `what` is "config", "web-config" or "profile". Errors: what is wrong with the file.
/// Opens no source.
Result<CheckAnswer> check(const std::string& what, const std::string& file);

}  // namespace mre
