// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/fair_workers.h"

#include <algorithm>
#include <iterator>

namespace mre {

FairWorkers::FairWorkers(unsigned threads) {
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

FairWorkers::~FairWorkers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  posted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void FairWorkers::post(const std::string& client, std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    auto found = std::find_if(clients_.begin(), clients_.end(),
                              [&](const auto& entry) { return entry.first == client; });
    if (found == clients_.end()) {
      clients_.emplace_back(client, std::deque<std::function<void()>>());
      found = std::prev(clients_.end());
    }
    found->second.push_back(std::move(job));
  }
  posted_.notify_one();
}

void FairWorkers::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    posted_.wait(lock, [this] { return stopping_ || !clients_.empty(); });
    if (stopping_) return;
    auto& jobs = clients_.front().second;
    const std::function<void()> job = std::move(jobs.front());
    jobs.pop_front();
    if (jobs.empty()) {
      clients_.pop_front();
    } else {
      clients_.splice(clients_.end(), clients_, clients_.begin());
    }
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace mre
