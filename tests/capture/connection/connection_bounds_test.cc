// SPDX-License-Identifier: Apache-2.0
// Measures the heap memory that connections use.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "tests/capture/frame_builder.h"

namespace {

thread_local std::size_t allocations = 0;
thread_local std::size_t in_use = 0;
thread_local std::size_t max_in_use = 0;

void give_back(void* memory) {
  in_use -= ::malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* memory = std::malloc(size);
  if (memory == nullptr) return nullptr;
  ++allocations;
  in_use += ::malloc_usable_size(memory);
  max_in_use = std::max(max_in_use, in_use);
  return memory;
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { give_back(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { give_back(memory); }

namespace mre {
namespace {

using namespace test;

/// Replaces the client of a frame.
void set_client(BuiltFrame& frame, std::uint32_t number) {
  constexpr std::size_t kAddresses = 14 + 12;
  const std::size_t at = frame.sender == Side::client ? kAddresses : kAddresses + 4;
  frame.bytes.replace(at, 4, be32(0x0A000000U + number));
}

TEST(ConnectionBounds, AHundredThousandConnectionsFitInto14MiB) {
  constexpr std::uint32_t kConnections = 100'000;
  constexpr std::size_t kBytes = 14U << 20U;
  ConnectionBuilder made;
  made.open().write(Side::client, connect(Level::v5)).write(Side::broker, connack(Level::v5));
  made.write(Side::client, pingreq());
  std::vector<BuiltFrame> frames = std::move(made.frames);
  const std::vector<BuiltFrame> later(frames.end() - 2, frames.end());
  frames.resize(frames.size() - 2);

  SourceStatus status;
  NullSink sink;
  const std::size_t before = in_use;
  ConnectionTracker tracker({}, status);
  for (std::uint32_t i = 0; i < kConnections; ++i) {
    for (BuiltFrame& frame : frames) {
      set_client(frame, i);
      tracker.process(frame.frame(), sink);
    }
  }
  EXPECT_EQ(status.connections, kConnections);
  EXPECT_EQ(status.connections_evicted, 0U);
  const std::size_t bytes = in_use - before;
  EXPECT_LE(bytes, kBytes);
  RecordProperty("bytes_per_connection", static_cast<int>(bytes / kConnections));

  for (std::uint32_t i = 0; i < kConnections; ++i) {
    for (BuiltFrame frame : later) {
      set_client(frame, i);
      const std::size_t allocations_before = allocations;
      tracker.process(frame.frame(), sink);
      ASSERT_EQ(allocations, allocations_before) << "a frame in order allocates no memory";
    }
  }
}

TEST(ConnectionBounds, BufferedSegmentsAreBounded) {
  constexpr std::uint32_t kConnections = 2000;  // each would buffer 64 KiB
  constexpr std::size_t kBytes = 8U << 20U;
  ConnectionBuilder made;
  made.open().write(Side::client, connect(Level::v5));
  made.next[0] += 10;  // not captured
  made.write(Side::client, publish(Level::v5, 0, std::string(100'000, 'x')), 1000, false);
  SourceStatus status;
  NullSink sink;
  const std::size_t before = max_in_use = in_use;
  ConnectionTracker tracker({}, status);
  for (std::uint32_t i = 0; i < kConnections; ++i) {
    for (BuiltFrame& frame : made.frames) {
      set_client(frame, i);
      tracker.process(frame.frame(), sink);
    }
  }
  EXPECT_EQ(status.connections, kConnections);
  EXPECT_LE(max_in_use - before, kBytes);
  tracker.finish(sink);
  EXPECT_GE(status.missing_bytes, 10 * kConnections);
}

}  // namespace
}  // namespace mre
