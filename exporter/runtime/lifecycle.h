// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "exporter/base/error.h"

namespace mre {

/// Hands what HTTP clients ask for over to the main thread, which alone reloads and stops.
class Lifecycle {
 public:
  /// Any thread but the main one: returns when the main thread has reloaded. Requests that come meanwhile are
  /// answered by one further reload together. Errors: what the reload says, or that the exporter is stopping.
  Result<void> reload();
  /// Any thread.
  void quit();

  /// The main thread: reloads by `run` if somebody has asked for it.
  void serve_reload(const std::function<Result<void>()>& run);
  bool wants_to_quit() const;
  /// Whoever waits for a reload gets an error, now and later.
  void close();

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_.
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
  Result<void> outcome_;  ///< Of the last reload.
  bool quit_ = false;
  bool closed_ = false;
};

}  // namespace mre
