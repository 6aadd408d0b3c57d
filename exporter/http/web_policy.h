// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mre {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// The head of a request, complete and valid: a known version, a target of printable ASCII, no control
/// characters, no folded lines, no body.
struct RequestHead {
  std::string method;  ///< Case-sensitive, as received.
  std::string
      target;  ///< Path and query, percent-encoded, without scheme and host. Starts with '/' or is "*".
  HttpHeaders headers;      ///< In the order received. Names as received, values without surrounding blanks.
  bool keep_alive = false;  ///< Whether the client wants to send another request on this connection.

  /// The value of the header with this name, compared case-insensitively. Empty if there is none, or more
  /// than one.
  std::string_view header(std::string_view name) const;
};

/// The answer to a request instead of a page.
struct Denial {
  int status = 401;     ///< 400 to 599. The body is the standard text of the status.
  HttpHeaders headers;  ///< For example WWW-Authenticate. Neither names nor values contain CR or LF.
};

/// nullopt: the request is allowed.
using Verdict = std::optional<Denial>;

/// Who may see the pages, and how. Immutable: a new configuration is a new object. The functions are called
/// on several threads at once and must not throw.
struct WebPolicy {
  /// Null: plain HTTP. A connection that was accepted with another context is closed at its next request, so
  /// that a client that this context refuses cannot stay. The context verifies client certificates. Only
  /// HTTP/1.1 is offered, not HTTP/2.
  std::shared_ptr<SSL_CTX> tls;

  /// Added to every answer, including errors. They replace the server's own headers of the same name.
  HttpHeaders headers;

  /// Decides without delay if possible, for example from a cache of verified passwords. An empty outer
  /// optional means that only `authorize` can decide. Called on the I/O thread: must return within
  /// microseconds. Null: always calls `authorize`.
  std::function<std::optional<Verdict>(const RequestHead&, std::string_view peer)> recall;

  /// Decides, for example with 100 ms of bcrypt. Called on a thread of its own, one request at a time,
  /// round-robin over the client groups. Null: everyone may see the pages. `peer` is the numeric address of
  /// the client, without a port.
  std::function<Verdict(const RequestHead&, std::string_view peer)> authorize;

  /// The minimum interval of requests of each client group, checked before `recall`. Requests above it get
  /// 429. Zero: no limit.
  std::chrono::nanoseconds rate_interval{0};
  unsigned rate_burst = 1;  ///< Requests that are allowed at once after a pause. At least 1.
};

/// Returns the current policy, never null. Called on the I/O thread at each accept and each request, so it
/// must return without delay.
using WebPolicySource = std::function<std::shared_ptr<const WebPolicy>()>;

}  // namespace mre
