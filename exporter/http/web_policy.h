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

/// The head of one request, complete and checked: a known version, a target of printable ASCII, no control
/// character, no folded line, no body.
struct RequestHead {
  std::string method;  ///< Case-sensitive, as received.
  std::string
      target;  ///< Path and query, percent-encoded, without scheme and host. Starts with '/' or is "*".
  HttpHeaders headers;      ///< In the order received. Names as received, values without surrounding blanks.
  bool keep_alive = false;  ///< Whether the client wants to send another request on this connection.

  /// The value of the only header of this name, compared without regard to case. Empty if there is none or
  /// more than one.
  std::string_view header(std::string_view name) const;
};

/// What a request is answered with instead of a page.
struct Denial {
  int status = 401;     ///< 400 to 599. The body is the status' standard text.
  HttpHeaders headers;  ///< For example WWW-Authenticate. Neither names nor values contain CR or LF.
};

/// nullopt: the request may continue.
using Verdict = std::optional<Denial>;

/// Who may see the pages, and how. Never changes once the server has it: a new configuration is a new object.
/// All functions must be safe to call from several threads at once and must not throw.
struct WebPolicy {
  /// Null: plain HTTP. A connection that was accepted with another context is closed at its next request, so
  /// that a client that this one refuses does not stay. Client certificates are the context's own business.
  /// Protocols other than HTTP/1.1 are not offered: HTTP/2 is not supported.
  std::shared_ptr<SSL_CTX> tls;

  /// Added to every answer, also to errors. They replace the server's own headers of the same name.
  HttpHeaders headers;

  /// Answers what can be answered without delay, for example from a cache of verified passwords. The outer
  /// optional is empty if only `authorize` can decide. Called on the I/O thread: at most some microseconds.
  /// Null: `authorize` is always asked.
  std::function<std::optional<Verdict>(const RequestHead&, std::string_view peer)> recall;

  /// Decides with as much work as it takes, for example 100 ms of bcrypt. Called on a thread of its own, one
  /// request at a time, addresses in turn. Null: everybody may see the pages.
  /// `peer` is the numeric address of the client, without a port.
  std::function<Verdict(const RequestHead&, std::string_view peer)> authorize;

  /// At most one request in this time from each client address, counted before `recall`. More are answered
  /// with 429. Zero: no limit.
  std::chrono::nanoseconds rate_interval{0};
  unsigned rate_burst = 1;  ///< Requests that may come at once before the interval applies. At least 1.
};

/// Gives the policy that is valid now, never null. Called on the I/O thread at each accept and each request:
/// it must return without delay.
using WebPolicySource = std::function<std::shared_ptr<const WebPolicy>()>;

}  // namespace mre
