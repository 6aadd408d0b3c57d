// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/http/pages.h"
#include "exporter/http/server_limits.h"
#include "exporter/http/web_policy.h"

namespace mre {

struct HttpOptions {
  std::vector<std::string> listen_addresses = {"127.0.0.1:10883"};  ///< See parse_listen_address.
  bool systemd_socket = false;  ///< Serve on the sockets that systemd passes instead of listen_addresses.
  std::string telemetry_path =
      "/metrics";                 ///< Starts with '/', compared byte by byte after percent-decoding.
  std::string config_file = "";   ///< The web configuration; empty: none.
  bool enable_lifecycle = false;  ///< Whether /-/reload and /-/quit do what they say.
};

/// Whether the options can be served at all: addresses that can be parsed, each once, and a path of its own.
/// Errors: invalid_config.
Result<void> validate(const HttpOptions& options);

/// Serves the telemetry path, /, /-/healthy, /-/ready and the lifecycle paths over HTTP/1.1, plain or with
/// TLS, from start() until stop(). Answers GET and HEAD, and POST for the lifecycle paths; other methods are
/// 405, other paths 404. Requests with a body are refused. Ranges are ignored.
///
/// One I/O thread reads and writes all connections and never waits for one: a slow client costs a descriptor
/// and a few kilobytes. Pages are made on two threads, passwords are checked on another; the clients'
/// addresses take turns on both. ServerLimits bounds time and memory. A connection that is too many is given
/// up at once: an idle or slow one of the address that has the most.
class Server {
 public:
  /// Listens on every address; connections wait for `start`.
  /// Errors: invalid_config (an address or the path is malformed, a host is unknown, systemd passed no
  /// socket), unavailable (the system refuses the address, for example because another process listens
  /// there).
  static Result<std::unique_ptr<Server>> bind(const HttpOptions& options, const ServerLimits& limits = {});

  /// Serves. Once. `policy` null: plain HTTP for everybody.
  void start(Pages pages, WebPolicySource policy = nullptr);

  /// Both.
  static Result<std::unique_ptr<Server>> listen(const HttpOptions& options, Pages pages);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// The numeric addresses with the real ports, in the order of the options. ":0" became "[::]:<port>".
  std::vector<std::string> addresses() const;

  /// Stops accepting, closes idle connections, gives running requests ServerLimits::stop_time to end, and
  /// joins the threads. A second call does nothing. Not from within a page.
  void stop();

 private:
  class Service;
  explicit Server(std::unique_ptr<Service> service);

  std::unique_ptr<Service> service_;
};

}  // namespace mre
