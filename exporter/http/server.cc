// The only file that includes httplib. Its macros change the layout of its classes and must equal those of
// the packaged library; they come from pkg-config.
//
// All routing happens in the handler that httplib calls before its own routing: paths are compared as they
// are, where httplib would compile them as regular expressions.
#include "exporter/http/server.h"

#include <fcntl.h>
#include <httplib.h>
#include <netdb.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <semaphore>
#include <system_error>
#include <thread>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/http/listen_address.h"

namespace mre {
namespace {

constexpr const char* kExpositionType = "text/plain; version=0.0.4; charset=utf-8";
constexpr const char* kHtmlType = "text/html; charset=utf-8";
constexpr const char* kPlainType = "text/plain; charset=utf-8";
constexpr std::size_t kThreads = 8;
constexpr std::size_t kMaxBody = 1024;               // bytes; no page reads a body
constexpr auto kPatience = std::chrono::seconds(3);  // with a silent client; stop() waits for it

/// Without SO_REUSEPORT, which is httplib's default and lets two exporters share one port.
void set_socket_options(int socket) {
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  fcntl(socket, F_SETFD, FD_CLOEXEC);
}

/// The numeric addresses to try in turn. An empty host is every address: "::" takes IPv4 connections too,
/// where the machine has IPv6 at all.
Result<std::vector<std::string>> resolve(const std::string& host) {
  if (host.empty()) return std::vector<std::string>{"::", "0.0.0.0"};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0) {
    return fail(Errc::invalid_config,
                "listen address: host \"" + printable(host) + "\": " + gai_strerror(error));
  }
  std::vector<std::string> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    char numeric[NI_MAXHOST];
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, numeric, sizeof numeric, nullptr, 0, NI_NUMERICHOST) ==
        0) {
      addresses.emplace_back(numeric);
    }
  }
  freeaddrinfo(found);
  return addresses;
}

/// How many connections of a listener are accepted at a time. What is left of the descriptors is for the
/// logs.
std::ptrdiff_t most_connections() {
  constexpr rlim_t others = 24;
  constexpr rlim_t most = 64;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return most;
  const rlim_t spare = limit.rlim_cur > others ? limit.rlim_cur - others : 1;
  return static_cast<std::ptrdiff_t>(std::min(spare, most));
}

/// The library's threads, and a bound for what it has accepted: the one who accepts waits for room, and so do
/// further connections, in the kernel.
class BoundedPool final : public httplib::TaskQueue {
 public:
  using Task = std::function<void()>;
  /// void or bool, by the version of the library.
  using Enqueued = decltype(std::declval<httplib::ThreadPool&>().enqueue(Task()));

  Enqueued enqueue(Task task) override {
    room_.acquire();
    return pool_.enqueue([this, task = std::move(task)] {
      task();
      room_.release();
    });
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  std::counting_semaphore<> room_{most_connections()};
  httplib::ThreadPool pool_{kThreads};
};

/// The library closes its socket only in a server that has run.
class Http final : public httplib::Server {
 public:
  void close_unused() {
    if (const socket_t socket = svr_sock_.exchange(INVALID_SOCKET); socket != INVALID_SOCKET) close(socket);
  }
};

}  // namespace

bool is_reserved_path(std::string_view path) {
  return path == "/" || path == "/-/healthy" || path == "/-/ready";
}

/// What is served, shared by all listeners.
struct Server::Site {
  std::string telemetry_path;
  Pages pages;
  std::atomic<bool> failing = false;  ///< The last page that was built threw.

  void answer(const httplib::Request& request, httplib::Response& response) {
    if (request.method != "GET" && request.method != "HEAD") {
      response.set_header("Allow", "GET, HEAD");
      return say(response, 405, "Method Not Allowed\n");
    }
    try {
      show(request.path, response);
      failing = false;
    } catch (const std::exception& error) {
      refuse(response, error.what());
    } catch (...) {
      refuse(response, "unknown exception");
    }
  }

 private:
  static void say(httplib::Response& response, int status, const char* text) {
    response.status = status;
    response.set_content(text, kPlainType);
  }

  void show(const std::string& path, httplib::Response& response) {
    response.status = 200;
    if (path == telemetry_path) {
      response.set_content(pages.metrics(), kExpositionType);
    } else if (path == "/") {
      response.set_content(pages.landing_html(), kHtmlType);
    } else if (path == "/-/healthy") {
      say(response, 200, "Healthy\n");
    } else if (path == "/-/ready") {
      const bool ready = pages.ready();
      say(response, ready ? 200 : 503, ready ? "Ready\n" : "Not ready\n");
    } else {
      say(response, 404, "Not Found\n");
    }
  }

  void refuse(httplib::Response& response, const char* why) {
    if (!failing.exchange(true)) spdlog::error("http: a page failed: {}", printable(why));
    say(response, 500, "Internal Server Error\n");
  }
};

/// One bound address with its thread.
class Server::Listener {
 public:
  explicit Listener(Site& site) {
    http_.new_task_queue = [] { return new BoundedPool; };
    http_.set_tcp_nodelay(true);  // Nagle's algorithm and delayed acknowledgements cost 42 ms a scrape
    http_.set_socket_options(set_socket_options);
    http_.set_read_timeout(kPatience);
    http_.set_write_timeout(kPatience);
    http_.set_keep_alive_timeout(1);
    http_.set_keep_alive_max_count(100);
    http_.set_payload_max_length(kMaxBody);
    http_.set_default_headers({{"X-Content-Type-Options", "nosniff"},
                               {"Content-Security-Policy",
                                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}});
    http_.set_pre_routing_handler([&site](const httplib::Request& request, httplib::Response& response) {
      // The library builds one part of the body for each range it was asked for; the request is its own local
      // object.
      const_cast<httplib::Request&>(request).ranges.clear();
      site.answer(request, response);
      return httplib::Server::HandlerResponse::Handled;
    });
    // The library's own handler writes the text of the exception into a header of the response.
    http_.set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
      response.status = 500;
    });
  }

  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { stop(); }

  Result<void> bind(const std::string& text) {
    auto wanted = parse_listen_address(text);
    if (!wanted) return tl::make_unexpected(wanted.error());
    auto hosts = resolve(wanted->host);
    if (!hosts) return tl::make_unexpected(hosts.error());
    int error = -1;
    for (const std::string& host : *hosts) {
      error = try_bind(host, wanted->port);
      if (error == 0) return {};
      if (error == EADDRINUSE) break;  // half of a name's addresses would be another process's
    }
    const std::string reason = error > 0 ? std::generic_category().message(error) : "the system refused it";
    const char* advice =
        error == EADDRINUSE ? ": stop the process that listens there, or choose another port" : "";
    return fail(Errc::unavailable, "cannot listen on " + printable(text) + ": " + reason + advice);
  }

  /// Returns when the thread accepts connections: the library ignores a stop() that comes earlier.
  void start() {
    thread_ = std::thread([this] {
      http_.listen_after_bind();
      ended_ = true;
    });
    while (!http_.is_running() && !ended_) std::this_thread::yield();
  }

  void stop() {
    if (thread_.joinable()) {
      http_.stop();
      thread_.join();
    }
    http_.close_unused();
  }

  std::string address() const { return to_string(address_); }

 private:
  /// 0, an errno, or -1 if the system gave no reason.
  int try_bind(const std::string& host, std::uint16_t port) {
    errno = 0;
    const int bound = port == 0                        ? http_.bind_to_any_port(host)
                      : http_.bind_to_port(host, port) ? int{port}
                                                       : -1;
    if (bound < 0) return errno != 0 ? errno : -1;
    address_ = {host, static_cast<std::uint16_t>(bound)};
    return 0;
  }

  Http http_;
  ListenAddress address_{};
  std::thread thread_;
  std::atomic<bool> ended_ = false;
};

Result<void> validate(const HttpOptions& options) {
  const auto& addresses = options.listen_addresses;
  if (addresses.empty()) return fail(Errc::invalid_config, "\"listen_addresses\" is empty: add an address");
  for (auto address = addresses.begin(); address != addresses.end(); ++address) {
    const auto parsed = parse_listen_address(*address);
    if (!parsed) return tl::make_unexpected(parsed.error());
    if (parsed->port != 0 && std::find(addresses.begin(), address, *address) != address)
      return fail(Errc::invalid_config, "listen address \"" + printable(*address) + "\" is given twice");
  }
  if (!options.telemetry_path.starts_with('/'))
    return fail(Errc::invalid_config, "\"telemetry_path\" must start with \"/\"");
  if (is_reserved_path(options.telemetry_path)) {
    return fail(Errc::invalid_config,
                "\"telemetry_path\" is a page of its own: choose another, such as /metrics");
  }
  return {};
}

Server::Server() = default;
Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::bind(const HttpOptions& options) {
  if (auto valid = validate(options); !valid) return tl::make_unexpected(valid.error());
  std::unique_ptr<Server> server(new Server);
  server->site_ = std::make_unique<Site>();
  server->site_->telemetry_path = options.telemetry_path;
  for (const std::string& address : options.listen_addresses) {
    auto listener = std::make_unique<Listener>(*server->site_);
    if (auto bound = listener->bind(address); !bound) return tl::make_unexpected(bound.error());
    server->listeners_.push_back(std::move(listener));
  }
  return server;
}

void Server::start(Pages pages) {
  site_->pages = std::move(pages);
  for (auto& listener : listeners_) listener->start();
}

Result<std::unique_ptr<Server>> Server::listen(const HttpOptions& options, Pages pages) {
  auto server = bind(options);
  if (server) (*server)->start(std::move(pages));
  return server;
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> result;
  for (const auto& listener : listeners_) result.push_back(listener->address());
  return result;
}

void Server::stop() {
  for (auto& listener : listeners_) listener->stop();
}

}  // namespace mre
