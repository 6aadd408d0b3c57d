// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// Privileges of root that a thread can hold separately (capabilities(7)).
enum class Capability : std::uint8_t {
  net_raw,          ///< Capture the packets of an interface.
  dac_read_search,  ///< Read all files.
  dac_override,     ///< Read and write all files.
  set_uid,          ///< Change the user.
  set_gid,          ///< Change the groups.
};

/// "CAP_NET_RAW"
std::string to_string(Capability capability);

/// Whether the calling thread has the capability in its permitted set.
bool holds(Capability capability);

/// The weakest permitted capability that allows to read every file; nothing if there is none. Containers
/// often have CAP_DAC_OVERRIDE but not CAP_DAC_READ_SEARCH.
std::optional<Capability> reading_capability();

/// Empties the bounding set of the calling thread, so that programs that it executes cannot gain a capability
/// from a file. Does nothing without CAP_SETPCAP.
void empty_bounding_set();

/// Makes all capabilities ineffective; they stay permitted.
Result<void> suspend_capabilities();

/// Drops all capabilities of the calling thread, and of threads that it starts later, except the permitted
/// ones of `keep`, which become effective. Executed programs cannot gain capabilities either (no_new_privs).
/// Irreversible. Call it while there is only one thread.
Result<void> keep_only(const std::vector<Capability>& keep);

}  // namespace mre
