// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exporter/http/web_policy.h"

namespace mre {

/// Parses the head of one request by RFC 9112, without its leniencies: it refuses what two implementations
/// may interpret differently. Its memory is limited. The pieces in which the bytes arrive do not matter. A
/// request with a body is refused.
class RequestReader {
 public:
  static constexpr std::size_t kMaxLine = 4096;   ///< Bytes of the request line.
  static constexpr std::size_t kMaxHead = 16384;  ///< Bytes of the whole head.
  static constexpr std::size_t kMaxHeaders = 100;

  enum class State {
    more,      ///< The head is not complete.
    complete,  ///< head() is valid.
    refused,   ///< See status(). Close the connection after the answer.
  };

  /// Removes the bytes of the head from `bytes`. In the states `complete` and `refused` it removes nothing.
  State consume(std::string_view& bytes);

  State state() const { return state_; }
  bool started() const { return bytes_ > 0; }  ///< Whether any byte was read.

  const RequestHead& head() const { return head_; }

  /// The status for a refused request: 400 malformed or ambiguous, 413 has a body, 414 request line too long,
  /// 417 unknown expectation, 431 too many or too long headers, 501 has a transfer coding, 505 another major
  /// version.
  int status() const { return status_; }

 private:
  void refuse(int status);
  void end_line();
  void read_request_line(std::string_view line);
  void read_header(std::string_view line);
  void end_head();
  std::size_t count(std::string_view name) const;

  State state_ = State::more;
  int status_ = 0;
  std::size_t bytes_ = 0;
  bool blank_line_ = false;  ///< An empty line has preceded the request line.
  bool http_1_0_ = false;
  std::string line_;
  RequestHead head_;
};

}  // namespace mre
