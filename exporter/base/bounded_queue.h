// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace mre {

/// A queue to one reading thread, with a limit of items and of bytes. When it is full, `push` rejects the new item,
/// which the caller counts.
///
/// The reader takes all items at once and returns them without the mutex, so it rarely makes a writer wait. With a
/// `delay` it lets items gather that long after it has waited for the first one, so that it is not woken for each of
/// many; not while the queue is half full.
template <class T>
class BoundedQueue {
 public:
  using Clock = std::chrono::steady_clock;

  BoundedQueue(std::size_t max_items, std::size_t max_bytes, Clock::duration delay = {})
      : max_items_(max_items), max_bytes_(max_bytes), delay_(delay) {}

  /// Appends `item`, which counts as `bytes` bytes. Never waits for space. False if the queue is full. Any thread.
  bool push(T item, std::size_t bytes) {
    bool wakes = false;
    {
      const std::lock_guard lock(mutex_);
      if (count_ >= max_items_ || bytes > max_bytes_ - bytes_) return false;
      wakes = items_.empty();
      items_.emplace_back(std::move(item), bytes);
      ++count_;
      bytes_ += bytes;
      wakes = wakes || is_half_full();
    }
    if (wakes) filled_.notify_one();
    return true;
  }

  /// Removes the oldest item; waits for one until `deadline`. Nothing if none arrived, or after `interrupt`. One
  /// thread.
  std::optional<T> pop(Clock::time_point deadline) {
    if (taken_.empty() && !take(deadline)) return std::nullopt;
    std::optional<T> item(std::move(taken_.front().first));
    --count_;
    bytes_ -= taken_.front().second;
    taken_.pop_front();
    return item;
  }

  /// Ends the current wait of `pop`, or else the next one. Any thread.
  void interrupt() {
    {
      const std::lock_guard lock(mutex_);
      interrupted_ = true;
    }
    filled_.notify_one();
  }

 private:
  using Items = std::deque<std::pair<T, std::size_t>>;

  /// Moves all items to `taken_`; waits for one until `deadline`. False if there is none.
  bool take(Clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    if (Clock::now() < deadline) {
      filled_.wait_until(lock, deadline, [this] { return interrupted_ || !items_.empty(); });
      if (!items_.empty() && delay_ > Clock::duration(0))
        filled_.wait_until(lock, std::min(deadline, Clock::now() + delay_),
                           [this] { return interrupted_ || is_half_full(); });
    }
    taken_.swap(items_);
    if (!taken_.empty()) return true;
    if (deadline > Clock::now()) interrupted_ = false;
    return false;
  }

  bool is_half_full() const { return count_ >= max_items_ / 2 || bytes_ >= max_bytes_ / 2; }

  const std::size_t max_items_;
  const std::size_t max_bytes_;
  const Clock::duration delay_;
  // Of items_ and taken_. They increase only with the mutex, so they are never above the limits.
  std::atomic<std::size_t> count_ = 0;
  std::atomic<std::size_t> bytes_ = 0;
  std::mutex mutex_;
  std::condition_variable filled_;
  Items items_;               // guarded by mutex_
  bool interrupted_ = false;  // guarded by mutex_
  Items taken_;               // of the reader
};

}  // namespace mre
