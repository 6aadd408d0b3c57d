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

/// Threads that run jobs, round-robin over the clients: many jobs of one client delay another client by one
/// job per thread. The caller limits the number of jobs.
class FairWorkers {
 public:
  explicit FairWorkers(unsigned threads);
  FairWorkers(const FairWorkers&) = delete;
  FairWorkers& operator=(const FairWorkers&) = delete;
  /// Waits for running jobs; drops queued ones.
  ~FairWorkers();

  /// `job` must not throw. Any thread.
  void post(const std::string& client, std::function<void()> job);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::list<std::pair<std::string, std::deque<std::function<void()>>>>
      clients_;  ///< In the order of their turns.
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace mre
