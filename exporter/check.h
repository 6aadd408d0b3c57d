#pragma once

#include <string>

#include "exporter/base/error.h"

namespace mre {

/// The command `check`: `what` is "config" or "profile". What was checked, or what is wrong with it. Opens no
/// source.
Result<std::string> check(const std::string& what, const std::string& file);

}  // namespace mre
