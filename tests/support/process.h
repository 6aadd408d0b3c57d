// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace mre::test {

/// Starts `argv` (argv[0] is looked up in PATH) with its output in `output_file`. Throws if that is not
/// possible.
pid_t spawn(const std::vector<std::string>& argv, const std::string& output_file = "/dev/null");

/// Runs `argv` to its end: the exit status, or 128 + the signal.
int run(const std::vector<std::string>& argv, const std::string& output_file = "/dev/null");

}  // namespace mre::test
