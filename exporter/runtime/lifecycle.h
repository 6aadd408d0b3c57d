// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

#include "exporter/base/error.h"

namespace mre {

/// Passes the requests of HTTP clients to the main thread, which alone reloads and stops the exporter.
class Lifecycle {
 public:
  /// `wake`: called after each request, so that the main thread serves it.
  explicit Lifecycle(std::function<void()> wake = [] {}) : wake_(std::move(wake)) {}

  /// Any thread but the main one: returns after the main thread has reloaded. Requests that arrive during a reload
  /// share the next one. Errors: those of the reload, or unavailable while the exporter is stopping.
  Result<void> reload();
  /// Any thread.
  void quit();

  /// The main thread: calls `run` if a reload was requested.
  void serve_reload(const std::function<Result<void>()>& run);
  bool wants_to_quit() const;
  /// All waiting and later requests for a reload fail.
  void close();

 private:
  const std::function<void()> wake_;
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
