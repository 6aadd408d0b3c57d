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
  /// Starts with '/'. Compared byte by byte after percent-decoding.
  std::string telemetry_path = "/metrics";
  std::string config_file = "";   ///< The web configuration; empty: none.
  bool enable_lifecycle = false;  ///< Whether /-/reload and /-/quit are enabled.
};

/// Validates the options: valid addresses, each one once, and a telemetry path that is not another page.
/// Errors: invalid_config.
Result<void> validate(const HttpOptions& options);

/// Serves the telemetry path, /, /runbook, /-/healthy, /-/ready and the lifecycle paths over HTTP/1.1, with
/// or without TLS, from start() until stop(). Answers GET and HEAD, and POST and PUT on the lifecycle paths;
/// other methods get 405, other paths 404. Refuses requests with a body. Ignores ranges.
///
/// One I/O thread reads and writes all connections and never waits for one: a slow client costs a descriptor
/// and a few kilobytes. Two threads make the pages and one checks passwords, both round-robin over the client
/// groups. ServerLimits limits time and memory. If there are too many connections, an idle or slow one of the
/// group with the most connections is closed at once.
class Server {
 public:
  /// Listens on every address; connections wait for `start`. Errors: invalid_config (malformed address or
  /// path, unknown host, no socket from systemd), unavailable (the system refuses the address, for example
  /// because another process uses it).
  static Result<std::unique_ptr<Server>> bind(const HttpOptions& options, const ServerLimits& limits = {});

  /// Starts to serve. Call it once. `policy` null: plain HTTP without authentication.
  void start(Pages pages, WebPolicySource policy = nullptr);

  /// bind() and start().
  static Result<std::unique_ptr<Server>> listen(const HttpOptions& options, Pages pages);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// The numeric addresses with the real ports, in the order of the options. ":0" became "[::]:<port>".
  std::vector<std::string> addresses() const;

  /// Stops accepting, closes idle connections, gives running requests ServerLimits::stop_time to finish, and
  /// joins the threads. A second call does nothing. Must not be called within a page.
  void stop();

 private:
  class Service;
  explicit Server(std::unique_ptr<Service> service);

  std::unique_ptr<Service> service_;
};

}  // namespace mre
