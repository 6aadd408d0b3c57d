// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace mre {

/// The index of `value` in a table with one entry per enumerator, in their order.
template <class Enum>
constexpr std::size_t index_of(Enum value) {
  return static_cast<std::size_t>(value);
}

}  // namespace mre
