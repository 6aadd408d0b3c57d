// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace mre {

/// What survives the end of the exporter, and where it is kept.
struct StateOptions {
  enum class Counters : std::uint8_t {
    on,   ///< Counters go on where they were.
    off,  ///< They begin at 0 with each start, as most exporters' do; the places in the logs are kept.
  };

  /// The word for no folder at all: everything is in memory only.
  static constexpr const char* kNone = "none";

  std::string dir;  ///< Empty: the first that is set of STATE_DIRECTORY (systemd's), /var/lib for root,
                    ///< XDG_STATE_HOME, ~/.local/state.
  Counters counters = Counters::on;
};

}  // namespace mre
