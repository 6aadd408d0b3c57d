// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

namespace mre {
namespace {

/// Blocks the signals in the thread of the test only, and gives its mask back.
class SignalsTest : public testing::Test {
 protected:
  SignalsTest() { pthread_sigmask(SIG_SETMASK, nullptr, &before_); }
  ~SignalsTest() override { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

TEST_F(SignalsTest, WakeEndsTheNextWaitOnce) {
  Signals signals;
  Signals::wake();
  Signals::wake();
  EXPECT_EQ(signals.wait_until(Deadline::max()), std::nullopt);
  EXPECT_EQ(signals.wait_until(Deadline::min()), std::nullopt) << "a deadline in the past";
  ::kill(::getpid(), SIGHUP);
  EXPECT_EQ(signals.wait_until(Deadline::max()), SIGHUP);
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  EXPECT_EQ(signals.wait_until(until), std::nullopt);
  EXPECT_GE(std::chrono::steady_clock::now(), until);
}

}  // namespace
}  // namespace mre
