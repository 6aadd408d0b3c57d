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

/// Ends a wait early when a file in one of the watched directories is created, moved there or written. This is
/// only a hint: there may be no events (network and overlay file systems, no inotify watch left). Each wait
/// therefore needs a time limit, after which the caller scans the directories itself. One thread.
///
/// A new name ends a wait at once. Writes end at most one wait in 250 ms, because a broker writes each line
/// separately, and waking up for each costs ten times as much as reading them. The first write after 250 ms
/// without one still ends a wait at once.
class DirectoryWatch {
 public:
  DirectoryWatch();

  /// Replaces the watched directories. They need not exist yet, and may be replaced by others of the same path.
  void set(std::set<std::string> directories) { directories_ = std::move(directories); }

  /// Waits until `until`, an event or `interrupt`. False: until `until`.
  bool wait(Deadline until, const Interrupt& interrupt);

  /// False if the system has no inotify instance or watch left for all existing directories. Waits then end at
  /// their limit.
  bool watching() const { return !names_.exhausted && !writes_.exhausted; }

  /// How often the kernel dropped events because its queue was full. That ends a wait too.
  std::uint64_t overflows() const { return names_.overflows + writes_.overflows; }

 private:
  /// One inotify descriptor. New names and writes have one each, so that poll(2) can ignore writes.
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
  Deadline ignore_writes_until_{};
};

}  // namespace mre
