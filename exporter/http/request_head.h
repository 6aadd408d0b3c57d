// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exporter/http/web_policy.h"

namespace mre {

/// Reads the head of one request from the bytes of a connection, by RFC 9112 without its leniencies: what two
/// implementations may understand differently is refused. Holds no more than the budget. How the bytes are
/// cut into pieces makes no difference. Reads no body: a request that has one is refused.
class RequestReader {
 public:
  static constexpr std::size_t kMaxLine = 4096;   ///< Bytes of the request line.
  static constexpr std::size_t kMaxHead = 16384;  ///< Bytes of the whole head.
  static constexpr std::size_t kMaxHeaders = 100;

  enum class State {
    more,      ///< The head has not ended.
    complete,  ///< head() is valid.
    refused,   ///< status() says why; the connection must be closed after the answer.
  };

  /// Removes from `bytes` what belongs to the head and leaves what follows it. In the states `complete` and
  /// `refused` it removes nothing.
  State consume(std::string_view& bytes);

  State state() const { return state_; }
  bool started() const { return bytes_ > 0; }  ///< Whether there has been any byte.

  const RequestHead& head() const { return head_; }

  /// The status that a refused request is answered with: 400 malformed or ambiguous, 413 has a body, 414 the
  /// request line is too long, 417 unknown expectation, 431 too many or too long headers, 501 has a transfer
  /// coding, 505 another major version.
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
  bool blank_line_ = false;  ///< One has preceded the request line.
  bool http_1_0_ = false;
  std::string line_;
  RequestHead head_;
};

}  // namespace mre
