// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace mre {

/// A queue between two threads with a limit of items and of bytes. When it is full, `push` rejects the new item,
/// which the caller counts. All functions may be called from any thread.
template <class T>
class BoundedQueue {
 public:
  BoundedQueue(std::size_t max_items, std::size_t max_bytes) : max_items_(max_items), max_bytes_(max_bytes) {}

  /// Appends `item`, which counts as `bytes` bytes. Never waits. False if the queue is full.
  bool push(T item, std::size_t bytes) {
    {
      const std::lock_guard lock(mutex_);
      if (items_.size() >= max_items_ || bytes > max_bytes_ - bytes_) return false;
      items_.emplace_back(std::move(item), bytes);
      bytes_ += bytes;
    }
    filled_.notify_one();
    return true;
  }

  /// Removes the oldest item; waits for one until `deadline`. Nothing if none arrived, or after `interrupt`.
  std::optional<T> pop(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    filled_.wait_until(lock, deadline, [this] { return !items_.empty() || interrupted_; });
    if (items_.empty()) {
      if (deadline > std::chrono::steady_clock::now()) interrupted_ = false;
      return std::nullopt;
    }
    std::optional<T> item(std::move(items_.front().first));
    bytes_ -= items_.front().second;
    items_.pop_front();
    return item;
  }

  /// Ends the current wait of `pop`, or else the next one.
  void interrupt() {
    {
      const std::lock_guard lock(mutex_);
      interrupted_ = true;
    }
    filled_.notify_all();
  }

 private:
  const std::size_t max_items_;
  const std::size_t max_bytes_;
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<std::pair<T, std::size_t>> items_;
  std::size_t bytes_ = 0;  ///< At most max_bytes_.
  bool interrupted_ = false;
};

}  // namespace mre
