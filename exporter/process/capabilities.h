// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

/// Privileges of root that a thread can have one by one (capabilities(7)).
enum class Capability : std::uint8_t {
  net_raw,          ///< Read the packets of an interface.
  dac_read_search,  ///< Read files that belong to others.
  dac_override,     ///< Read and write them.
  set_uid,          ///< Become another user.
  set_gid,          ///< Change the groups.
};

/// "CAP_NET_RAW"
std::string to_string(Capability capability);

/// Whether the calling thread has it, or may take it.
bool holds(Capability capability);

/// The least capability that reads every file, of those that the calling thread has: containers often have
/// CAP_DAC_OVERRIDE and not CAP_DAC_READ_SEARCH. Nothing: it has neither.
std::optional<Capability> reading_capability();

/// Empties the bounding set of the calling thread: nothing that it executes gets a capability from a file.
/// Without CAP_SETPCAP it stays as it is.
void empty_bounding_set();

/// None is in effect afterwards; those that are permitted stay so.
Result<void> suspend_capabilities();

/// Gives up for ever every capability of the calling thread, and of all threads that it starts later, except
/// those of `keep` that it may use; those are in effect afterwards. What it executes gains none either
/// (no_new_privs). Call it while there is one thread only.
Result<void> keep_only(const std::vector<Capability>& keep);

}  // namespace mre
