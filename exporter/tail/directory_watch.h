// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "exporter/base/fd.h"
#include "exporter/base/interrupt.h"
#include "exporter/input/source.h"

namespace mre {

/// Ends a wait early when something happens in one of some directories. Only a hint: it may stay silent
/// (network and overlay file systems, no inotify left), so each wait needs a limit, after which the caller
/// looks for itself.
///
/// A new name ends a wait at once. Writes end at most one wait in 100 ms: a broker writes each line on its
/// own, and to wake for each costs ten times what reading them does. A write after a silence still ends a
/// wait at once.
class DirectoryWatch {
 public:
  DirectoryWatch();

  /// From now on these. They need not exist yet, and may be replaced.
  void set(std::set<std::string> directories) { directories_ = std::move(directories); }

  /// Waits until `until`, an event or `interrupt`.
  void wait(Deadline until, const Interrupt& interrupt);

  /// False: the system has no inotify instance or watch left for all that exist; waits end at their limit
  /// then.
  bool watching() const { return !names_.exhausted && !writes_.exhausted; }

  /// How often the kernel threw events away because too many were not yet fetched. A wait ends then too.
  std::uint64_t overflows() const { return names_.overflows + writes_.overflows; }

 private:
  /// One inotify descriptor. New names and writes have one each, so that poll(2) can leave the writes out.
  struct Channel {
    explicit Channel(std::uint32_t event_mask);
    void attach(const std::set<std::string>& directories);
    bool drain();

    Fd fd;
    std::uint32_t mask;
    std::map<std::string, int> watches;
    bool exhausted;
    std::uint64_t overflows = 0;
  };

  std::set<std::string> directories_;
  Channel names_;
  Channel writes_;
  Deadline quiet_until_{};  ///< Until then writes do not end a wait.
};

}  // namespace mre
