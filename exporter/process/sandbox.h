// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/process/needs.h"

namespace mre {

/// The walls around a process that is already as low as its user and its capabilities make it: which files it
/// can open (Landlock) and which system calls it can make (seccomp). They last until it ends.
///
/// Readable: the directories of everything in Needs, and what the C library, OpenSSL and libpcap open (name
/// service, certificates, /proc, facts about interfaces). Writable: the state directory.
struct SandboxOptions {
  Needs needs;
  int state_directory = -1;  ///< Its descriptor; -1: none.
  bool network = true;
};

struct SandboxReport {
  std::string summary;                ///< One line for people: what is in force.
  std::vector<std::string> warnings;  ///< What could not be, and why. The process is as open there as it was.
};

/// Call it while there is one thread only, after Privileges::reduce. A kernel that cannot do it is no
/// failure: the report says so.
SandboxReport enter_sandbox(const SandboxOptions& options);

/// Whether the sandbox lets the process read what a configuration needs that is to be applied while the
/// exporter runs. Errors: invalid_config, with the path and what to do.
Result<void> sandbox_allows(const Needs& needs);

}  // namespace mre
