// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

#include "exporter/base/text.h"

namespace mre {

/// The rest of a line, consumed from the front. A `consume` that returns false leaves the position undefined,
/// except for a literal: the caller refuses the line.
class TextCursor {
 public:
  explicit TextCursor(std::string_view line) : rest_(line) {}

  std::string_view rest() const { return rest_; }

  bool consume(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }

  std::string_view consume_while(auto in_class) {
    const auto end = std::ranges::find_if_not(rest_, in_class);
    const auto consumed = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(consumed.size());
    return consumed;
  }

  /// 9 is a digit and other characters are themselves: "9999-99-99T99:99:99". Otherwise nothing is consumed.
  bool consume_shape(std::string_view shape) {
    if (rest_.size() < shape.size()) return false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == '9' ? !is_digit(rest_[i]) : rest_[i] != shape[i]) return false;
    }
    rest_.remove_prefix(shape.size());
    return true;
  }

  void skip(std::size_t bytes) { rest_.remove_prefix(bytes); }

 private:
  std::string_view rest_;
};

}  // namespace mre
