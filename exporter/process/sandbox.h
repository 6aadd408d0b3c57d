// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/process/needs.h"

namespace mre {

/// Restricts a process beyond its user and capabilities: the files that it can open (Landlock) and the system
/// calls that it can make (seccomp). Irreversible.
///
/// Readable: the directories of everything in Needs, and what the C library, OpenSSL and libpcap open (name
/// service, certificates, /proc, interfaces). Writable: the state directory, and the directories of written files.
struct SandboxOptions {
  Needs needs;
  int state_directory = -1;  ///< Its descriptor; -1: none.
  bool network = true;
};

struct SandboxReport {
  std::string summary;                ///< One line for display: the restrictions in force.
  std::vector<std::string> warnings;  ///< What is less restricted than it should be, or too much, and why.
};

/// Call it while there is only one thread, after Privileges::reduce. A kernel without support is not an
/// error; the report mentions it.
SandboxReport enter_sandbox(const SandboxOptions& options);

/// Whether the sandbox allows to read what a new configuration needs. Errors: invalid_config, with the path
/// and the remedy.
Result<void> sandbox_allows(const Needs& needs);

}  // namespace mre
