// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace mre {

/// What is persistent, and where it is stored.
struct StateOptions {
  enum class Counters : std::uint8_t {
    on,   ///< Counters are restored after a restart.
    off,  ///< Counters start at 0, as those of most exporters do; positions in the logs are still persistent.
  };

  /// The value that disables persistence.
  static constexpr const char* kNone = "none";

  std::string dir;  ///< Empty: the first available of STATE_DIRECTORY (set by systemd), /var/lib for root,
                    ///< XDG_STATE_HOME, ~/.local/state.
  Counters counters = Counters::on;
};

}  // namespace mre
