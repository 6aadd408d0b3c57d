// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace mre {

/// What a caller can do about a failure.
enum class Errc : std::uint8_t {
  invalid_config,  ///< The operator must edit a file or a flag. For a file `what` starts with file:line:column.
  unavailable,     ///< The peer or file is not available now: wait, then try again.
  io,              ///< A read or write failed: wait, then try again.
  end_of_stream,  ///< No more data will come.
};

/// A failure: its kind, and one line of text for the operator (what, where, why, what to do). The text contains
/// no secrets and no control characters.
struct [[nodiscard]] Error {
  Errc code;
  std::string what;
};

template <class T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(Errc code, std::string what) {
  return tl::make_unexpected(Error{code, std::move(what)});
}

}  // namespace mre
