// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <string>
#include <system_error>

#include "exporter/base/error.h"

namespace mre {

/// The error of a system call that has just failed: "setresuid(2): Operation not permitted".
inline tl::unexpected<Error> failed_call(const std::string& call) {
  return fail(Errc::io, call + ": " + std::generic_category().message(errno));
}

}  // namespace mre
