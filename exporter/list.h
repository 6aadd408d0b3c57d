#pragma once

#include <string>

#include "exporter/base/error.h"
#include "exporter/lookup.h"

namespace mre {

/// The command `list`: `what` is "brokers", "metrics" or "codes".
Result<std::string> list(const std::string& what, ListFormat format);

}  // namespace mre
