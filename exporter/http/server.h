#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"

namespace mre {

struct HttpOptions {
  std::vector<std::string> listen_addresses = {"127.0.0.1:10883"};  ///< See parse_listen_address.
  std::string telemetry_path =
      "/metrics";  ///< Starts with '/', compared byte by byte after percent-decoding.
};

/// Whether a path shows something else than the metrics: "/", "/-/healthy", "/-/ready".
bool is_reserved_path(std::string_view path);

/// Whether the options can be served at all: addresses that can be parsed, each once, and a path of its own.
/// Errors: invalid_config.
Result<void> validate(const HttpOptions& options);

/// What the server shows. Called from several threads at once; must not block for long. What they throw is
/// logged and answered with 500; its text never reaches the client.
struct Pages {
  std::function<std::string()> metrics;       ///< Exposition in text format 0.0.4.
  std::function<std::string()> landing_html;  ///< The page at /.
  std::function<bool()> ready;                ///< Whether /-/ready answers 200 or 503.
};

/// Serves the telemetry path, /, /-/healthy and /-/ready over plain HTTP/1.1, on threads of its own, from
/// start() until stop(). Answers GET and HEAD; everything else is 405, every other path 404. Ranges are
/// ignored, because overlapping ones multiply the body.
///
/// Bounds per address: 8 connections are served at once, others wait, at most 64 of them accepted (fewer
/// where descriptors are few); a read or write may take 3 s; a connection idle for 1 s or after 100 requests
/// is closed. The total time and total size of a request's head are as the library has them (only its first
/// line is bounded), so an address that strangers reach needs a reverse proxy in front.
class Server {
 public:
  /// Binds every address; requests wait for `start`.
  /// Errors: invalid_config (an address or the path is malformed, or a host is unknown), unavailable (the
  /// system refuses the address, for example because another process listens there).
  static Result<std::unique_ptr<Server>> bind(const HttpOptions& options);

  void start(Pages pages);  ///< Serves all addresses. Once.

  /// Both.
  static Result<std::unique_ptr<Server>> listen(const HttpOptions& options, Pages pages);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// The numeric addresses with the real ports, in the order of the options. ":0" became "[::]:<port>".
  std::vector<std::string> addresses() const;

  /// Stops accepting, lets running requests end (idle connections end within about 1 s) and joins the
  /// threads. A second call does nothing. Not from within a page.
  void stop();

 private:
  struct Site;
  class Listener;
  Server();

  std::unique_ptr<Site> site_;
  std::vector<std::unique_ptr<Listener>> listeners_;
};

}  // namespace mre
