// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "exporter/config/values.h"

namespace mre {

/// The privileges of the process. Only flags set them, at the start.
struct ProcessOptions {
  enum class Sandbox : std::uint8_t { on, off };

  std::string user;  ///< USER[:GROUP]. Empty: nobody if started as root, otherwise unchanged.
  Sandbox sandbox = Sandbox::on;
};

inline constexpr ValueName<ProcessOptions::Sandbox> kSandboxNames[] = {{ProcessOptions::Sandbox::on, "on"},
                                                                       {ProcessOptions::Sandbox::off, "off"}};
inline std::span<const ValueName<ProcessOptions::Sandbox>> value_names(ProcessOptions::Sandbox) {
  return kSandboxNames;
}

}  // namespace mre
