// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exporter/base/error.h"

namespace mre {

/// The features that need system calls.
struct SystemCallUse {
  bool network = false;  ///< TCP, UDP and the name service.
  bool packets = false;  ///< Packet capture.
  bool writes = false;   ///< Checkpoints.
};

/// Restricts all threads of the process to the system calls that the program and its libraries need
/// (seccomp(2)). Other calls fail with ENOSYS, as on a kernel without them: libraries then use an older call,
/// so that an update of the C library cannot break the exporter. The kernel logs each refusal (audit, or
/// dmesg: type=1326).
///
/// Impossible afterwards: executing programs, forking, changing the user or capabilities, tracing processes,
/// signalling other processes, mounting, loading modules, and making memory executable that is or was
/// writable.
///
/// Needs no_new_privs. Errors: unavailable, if the kernel does not allow it; then nothing is restricted.
Result<void> restrict_system_calls(const SystemCallUse& use);

}  // namespace mre
