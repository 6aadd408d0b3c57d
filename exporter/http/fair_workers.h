// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace mre {

/// Threads that run jobs. The clients take turns: one that has many jobs waiting delays another client by one
/// job for each thread. The caller bounds the number of jobs.
class FairWorkers {
 public:
  explicit FairWorkers(unsigned threads);
  FairWorkers(const FairWorkers&) = delete;
  FairWorkers& operator=(const FairWorkers&) = delete;
  /// Waits for the jobs that run; those that wait are dropped.
  ~FairWorkers();

  /// `job` must not throw. Safe to call from any thread.
  void post(const std::string& client, std::function<void()> job);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::list<std::pair<std::string, std::deque<std::function<void()>>>> clients_;  ///< The next one first.
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace mre
