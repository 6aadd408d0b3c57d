// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace mre {

/// Data together with the mutex that guards it: the data is reachable only through `lock`.
template <class T>
class Guarded {
 public:
  /// Holds the mutex for its lifetime.
  class Lock {
   public:
    explicit Lock(Guarded& guarded) : guarded_(guarded), lock_(guarded.mutex_) {}
    T& operator*() const { return guarded_.data_; }
    T* operator->() const { return &guarded_.data_; }

    /// Waits, without the mutex, until `ready` is true after a `notify`, or until `deadline`.
    template <class Ready>
    void wait_until(std::chrono::steady_clock::time_point deadline, const Ready& ready) {
      guarded_.changed_.wait_until(lock_, deadline, ready);
    }

   private:
    Guarded& guarded_;
    std::unique_lock<std::mutex> lock_;
  };

  explicit Guarded(T data = {}) : data_(std::move(data)) {}

  Lock lock() { return Lock(*this); }
  /// Wakes the threads in `Lock::wait_until`.
  void notify() { changed_.notify_all(); }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  T data_;
};

}  // namespace mre
