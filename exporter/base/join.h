// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace mre {

/// Joins the items with the separator `between`. `text` converts an item to text.
template <class Items, class Text = std::identity>
std::string join(const Items& items, std::string_view between, Text text = {}) {
  std::string joined;
  bool first = true;
  for (const auto& item : items) {
    if (!first) joined.append(between);
    first = false;
    joined.append(std::invoke(text, item));
  }
  return joined;
}

}  // namespace mre
