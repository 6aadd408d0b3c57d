#pragma once

#include <cstdint>
#include <initializer_list>

#include "exporter/base/error.h"

namespace mre {

/// Privileges of root that a thread can have one by one (capabilities(7)).
enum class Capability : std::uint8_t {
  net_raw,           ///< Read the packets of an interface.
  net_bind_service,  ///< Listen on a port below 1024.
  dac_read_search,   ///< Read files that belong to others.
};

/// Whether the calling thread has it, or may take it.
bool holds(Capability capability);

/// Gives up for ever every privilege of the calling thread, and of all threads it starts from now on, except
/// those of `keep` that it may use; those it has in effect afterwards. What it executes gains none either.
/// Call it while there is one thread only.
Result<void> keep_only(std::initializer_list<Capability> keep);

}  // namespace mre
