// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <malloc.h>

#include <cstddef>

namespace mre::test {

/// Bytes that glibc's allocator has handed out and not got back. 0 with a sanitizer's allocator.
inline std::size_t heap_in_use() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace mre::test
