// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "exporter/config/values.h"

namespace mre {

/// What the process may do. For a start only; flags alone set it.
struct ProcessOptions {
  enum class Sandbox : std::uint8_t { on, off };

  std::string user;  ///< USER[:GROUP]. Empty: nobody if started as root, else unchanged.
  Sandbox sandbox = Sandbox::on;
};

inline constexpr ValueName<ProcessOptions::Sandbox> kSandboxNames[] = {{ProcessOptions::Sandbox::on, "on"},
                                                                       {ProcessOptions::Sandbox::off, "off"}};
inline std::span<const ValueName<ProcessOptions::Sandbox>> value_names(ProcessOptions::Sandbox) {
  return kSandboxNames;
}

}  // namespace mre
