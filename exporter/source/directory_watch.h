#pragma once

#include <cstdint>
#include <string>

#include "exporter/base/fd.h"
#include "exporter/source/interrupt.h"
#include "exporter/source/source.h"

namespace mre {

/// Ends a wait early when something happens in a directory. Only a hint: it may stay silent (network and
/// overlay file systems, a target of a symbolic link elsewhere, no inotify left), so each wait needs a limit,
/// after which the caller looks for itself.
///
/// A new name ends a wait at once. Writes end at most one wait in 100 ms: a broker writes each line on its
/// own, and to wake for each costs ten times what reading them does. A write after a silence still ends a
/// wait at once.
class DirectoryWatch {
 public:
  /// The directory need not exist yet, and may be replaced.
  explicit DirectoryWatch(std::string directory);

  /// Waits until `until`, an event or `interrupt`.
  void wait(Deadline until, const Interrupt& interrupt);

 private:
  /// One inotify descriptor. New names and writes have one each, so that poll(2) can leave the writes out.
  struct Channel {
    explicit Channel(std::uint32_t event_mask);
    void attach(const std::string& directory);
    bool drain();

    Fd fd;
    std::uint32_t mask;
    int watch = -1;
  };

  const std::string directory_;
  Channel names_;
  Channel writes_;
  Deadline quiet_until_{};  ///< Until then writes do not end a wait.
};

}  // namespace mre
