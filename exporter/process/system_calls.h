// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/base/error.h"

namespace mre {

/// What the system calls are for.
struct SystemCallUse {
  bool network = false;  ///< TCP and UDP, and the name service.
  bool packets = false;  ///< Raw packets of an interface.
  bool writes = false;   ///< Checkpoints.
};

/// Takes from all threads of the process every system call that this program and its libraries do not need
/// (seccomp(2)). A refused call fails with ENOSYS, as on a kernel that does not have it: libraries then use
/// an older call, so that an update of the C library cannot end the exporter. The kernel logs each refusal
/// (audit, or dmesg: type=1326).
///
/// What no call is left for: execute a program, fork, change the user or a capability, trace a process,
/// signal another process, mount, load a module, make memory both writable and executable, or make a writable
/// page executable.
///
/// Needs no_new_privs. Errors: unavailable, if the kernel does not allow it; then nothing is taken.
Result<void> restrict_system_calls(const SystemCallUse& use);

}  // namespace mre
