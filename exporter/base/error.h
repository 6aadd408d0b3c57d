// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace mre {

/// What a caller can do about a failure. A code is named after the caller's next step.
enum class Errc : std::uint8_t {
  invalid_config,  ///< The operator must edit a file or a flag; `what` starts with file:line:column where
                   ///< there is one.
  unavailable,     ///< The peer or file is not there now: wait, then try again.
  io,              ///< The system refused a read or a write: wait, then try again.
  end_of_stream,   ///< There is nothing more, ever.
};

/// One failure: what to do about it, and one line of text for the operator (what, where, why, what to do).
/// The text holds no secret and no control character.
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
