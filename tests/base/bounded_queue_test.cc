// SPDX-License-Identifier: Apache-2.0
#include "exporter/base/bounded_queue.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace mre {
namespace {

using Clock = std::chrono::steady_clock;
constexpr Clock::time_point kNow{};  // long past: do not wait

TEST(BoundedQueue, ReturnsItemsInOrder) {
  BoundedQueue<std::string> queue(3, 100);
  EXPECT_TRUE(queue.push("a", 1));
  EXPECT_TRUE(queue.push("b", 1));
  EXPECT_EQ(queue.pop(kNow), "a");
  EXPECT_EQ(queue.pop(kNow), "b");
  EXPECT_EQ(queue.pop(kNow), std::nullopt);
}

TEST(BoundedQueue, RejectsTheNewestBeyondTheLimitOfItems) {
  BoundedQueue<int> queue(2, 100);
  EXPECT_TRUE(queue.push(1, 1));
  EXPECT_TRUE(queue.push(2, 1));
  EXPECT_FALSE(queue.push(3, 1));
  EXPECT_EQ(queue.pop(kNow), 1);
  EXPECT_TRUE(queue.push(4, 1)) << "there is space again";
}

TEST(BoundedQueue, RejectsTheNewestBeyondTheLimitOfBytes) {
  BoundedQueue<int> queue(100, 10);
  EXPECT_FALSE(queue.push(1, 11)) << "would never fit";
  EXPECT_TRUE(queue.push(2, 10));
  EXPECT_FALSE(queue.push(3, 1));
  EXPECT_EQ(queue.pop(kNow), 2);
  EXPECT_TRUE(queue.push(4, 10)) << "the bytes were released";
}

TEST(BoundedQueue, InterruptEndsOneWait) {
  BoundedQueue<int> queue(2, 10);
  std::thread waiting([&] { EXPECT_EQ(queue.pop(Clock::time_point::max()), std::nullopt); });
  queue.interrupt();
  waiting.join();
  queue.interrupt();
  EXPECT_EQ(queue.pop(kNow), std::nullopt) << "no wait";
  EXPECT_EQ(queue.pop(Clock::time_point::max()), std::nullopt) << "the next wait";
  EXPECT_TRUE(queue.push(1, 1));
  EXPECT_EQ(queue.pop(Clock::time_point::max()), 1);
  EXPECT_EQ(queue.pop(Clock::now() + std::chrono::milliseconds(1)), std::nullopt) << "its own deadline";
}

TEST(BoundedQueue, ADelayEndsEarly) {
  constexpr std::chrono::hours delay(1);
  const struct {
    const char* why;
    int before;  // items before the wait
    int during;
    bool interrupts;
    Clock::duration left;
  } cases[] = {
      {"half full", 0, 2, false, 2 * delay},
      {"interrupted", 0, 1, true, 2 * delay},
      {"at the deadline", 1, 0, false, std::chrono::milliseconds(1)},
      {"no wait", 1, 0, false, -delay},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.why);
    BoundedQueue<int> queue(4, 100, delay);
    const int items = c.before + c.during;
    for (int i = 0; i < c.before; ++i) EXPECT_TRUE(queue.push(i, 1));
    std::thread waiting([&] { EXPECT_EQ(queue.pop(Clock::now() + c.left), 0); });
    for (int i = c.before; i < items; ++i) EXPECT_TRUE(queue.push(i, 1));
    if (c.interrupts) queue.interrupt();
    waiting.join();
    for (int i = 1; i < items; ++i) EXPECT_EQ(queue.pop(kNow), i);
    EXPECT_EQ(queue.pop(kNow), std::nullopt);
  }
}

TEST(BoundedQueue, ItemsThatWereTakenCountUntilTheyAreReturned) {
  BoundedQueue<int> queue(2, 10);
  EXPECT_TRUE(queue.push(1, 5));
  EXPECT_TRUE(queue.push(2, 5));
  EXPECT_EQ(queue.pop(kNow), 1);
  EXPECT_TRUE(queue.push(3, 5));
  EXPECT_FALSE(queue.push(4, 5)) << "2 was taken, but not returned";
  EXPECT_EQ(queue.pop(kNow), 2);
  EXPECT_EQ(queue.pop(kNow), 3);
}

TEST(BoundedQueue, LosesNothingBetweenTwoThreads) {
  constexpr int kItems = 20'000;
  BoundedQueue<int> queue(64, 64);
  std::thread producer([&] {
    for (int i = 0; i < kItems; ++i) {
      while (!queue.push(i, 1)) std::this_thread::yield();
    }
  });
  for (int i = 0; i < kItems; ++i) ASSERT_EQ(queue.pop(Clock::time_point::max()), i);
  producer.join();
}

}  // namespace
}  // namespace mre
