// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/fair_workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

namespace mre {
namespace {

using ::testing::ElementsAre;

TEST(FairWorkers, ServesClientsInTurn) {
  FairWorkers workers(1);
  std::promise<void> go;
  workers.post("x", [wait = go.get_future().share()] { wait.get(); });
  std::vector<std::string> order;
  std::promise<void> done;
  for (int i = 0; i < 3; ++i) workers.post("many", [&] { order.emplace_back("many"); });
  workers.post("few", [&] { order.emplace_back("few"); });
  workers.post("many", [&] { done.set_value(); });
  go.set_value();
  done.get_future().get();
  EXPECT_THAT(order, ElementsAre("many", "few", "many", "many"));
}

TEST(FairWorkers, WaitsForTheRunningJob) {
  std::promise<void> started;
  std::promise<void> go;
  bool finished = false;
  std::thread other([&] {
    started.get_future().get();
    go.set_value();
  });
  {
    FairWorkers workers(1);
    workers.post("a", [&] {
      started.set_value();
      go.get_future().get();
      finished = true;
    });
    other.join();
  }
  EXPECT_TRUE(finished);
}

TEST(FairWorkers, RunsJobsOfOneClientOnAllThreads) {
  std::promise<void> first_runs;
  std::promise<void> second_runs;
  std::promise<void> done;
  FairWorkers workers(2);
  workers.post("a", [&] {
    first_runs.set_value();
    second_runs.get_future().get();
    done.set_value();
  });
  workers.post("a", [&] {
    first_runs.get_future().get();
    second_runs.set_value();
  });
  done.get_future().get();
}

}  // namespace
}  // namespace mre
