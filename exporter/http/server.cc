// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/server.h"

#include <fcntl.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <list>
#include <optional>
#include <thread>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/http/connection.h"
#include "exporter/http/listen_address.h"
#include "exporter/http/listen_socket.h"

namespace mre {
namespace {

constexpr unsigned kPageThreads = 2;
constexpr unsigned kPasswordThreads = 1;  // password guessing must not load more than one core
constexpr std::chrono::milliseconds kAcceptPause{10};

/// Reserves descriptors for the logs.
ServerLimits fit_to_descriptors(ServerLimits limits) {
  constexpr std::size_t kOthers = 28;
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    const std::size_t spare = descriptors.rlim_cur > kOthers ? descriptors.rlim_cur - kOthers : 1;
    limits.connections = std::min(limits.connections, spare);
  }
  limits.connections_per_group =
      std::min(limits.connections_per_group, std::max<std::size_t>(1, limits.connections / 4));
  return limits;
}

}  // namespace

Result<void> validate(const HttpOptions& options) {
  const auto& addresses = options.listen_addresses;
  if (addresses.empty()) return fail(Errc::invalid_config, "\"listen_addresses\" is empty: add an address");
  for (auto address = addresses.begin(); address != addresses.end(); ++address) {
    const auto parsed = parse_listen_address(*address);
    if (!parsed) return tl::make_unexpected(parsed.error());
    if (parsed->port != 0 && std::find(addresses.begin(), address, *address) != address)
      return fail(Errc::invalid_config, "listen address \"" + printable(*address) + "\" is configured twice");
  }
  if (!options.telemetry_path.starts_with('/'))
    return fail(Errc::invalid_config, "\"telemetry_path\" must start with \"/\"");
  if (is_reserved_path(options.telemetry_path)) {
    return fail(Errc::invalid_config,
                "\"telemetry_path\" is the path of another page: choose one such as /metrics");
  }
  return {};
}

/// Everything that serves. The members are ordered so that the workers are destroyed before what they use,
/// and the event loop after all its users.
class Server::Service {
 public:
  Service(std::vector<ListenSocket> sockets, std::string telemetry_path, const ServerLimits& limits)
      : sockets_(std::move(sockets)),
        telemetry_path_(std::move(telemetry_path)),
        limits_(fit_to_descriptors(limits)) {
    for (const ListenSocket& socket : sockets_) {
      addresses_.push_back(to_string(socket.address));
      local_only_ = local_only_ && is_loopback(socket.address);
    }
  }

  void start(Pages pages, WebPolicySource policy) {
    ::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that the client may have closed
    site_.emplace(telemetry_path_, std::move(pages));
    page_workers_.emplace(kPageThreads);
    password_workers_.emplace(kPasswordThreads);
    if (!policy) policy = [open = std::make_shared<const WebPolicy>()] { return open; };
    parts_.emplace(ServerParts{.limits = limits_,
                               .site = *site_,
                               .local_only = local_only_,
                               .policy = std::move(policy),
                               .rate_limit = {},
                               .page_workers = *page_workers_,
                               .password_workers = *password_workers_,
                               .enforce_limits = [this] { enforce_limits(limits_.connections); }});
    for (ListenSocket& socket : sockets_) {
      const bool ipv6 = socket.address.host.find(':') != std::string::npos;
      auto& acceptor = acceptors_.emplace_back(io_);
      acceptor.assign(ipv6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), socket.fd.release());
      asio::co_spawn(io_, accept_from(acceptor), asio::detached);
    }
    sockets_.clear();
    thread_ = std::thread([this] { io_.run(); });
  }

  void stop() {
    sockets_.clear();
    if (!thread_.joinable()) return;
    asio::post(io_, [this] {
      parts_->stopping = true;
      for (auto& acceptor : acceptors_) acceptor.close();
      for (Connection* connection : connections_) connection->abort_if_idle();
      stop_timer_.expires_after(limits_.stop_time);
      stop_timer_.async_wait([this](const asio::error_code& error) {
        if (error) return;
        for (Connection* connection : connections_) connection->abort();
      });
      end_if_stopped();
    });
    thread_.join();
    page_workers_.reset();
    password_workers_.reset();
  }

  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  asio::awaitable<void> accept_from(asio::ip::tcp::acceptor& acceptor) {
    while (acceptor.is_open()) {
      asio::error_code error;
      asio::ip::tcp::socket socket =
          co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
      if (!error) {
        admit(std::move(socket));
      } else if (error != asio::error::operation_aborted) {  // for example, no free descriptors
        enforce_limits(std::max<std::size_t>(connections_.size(), 1) - 1);
        asio::steady_timer pause(io_, kAcceptPause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      }
    }
  }

  void admit(asio::ip::tcp::socket socket) {
    asio::error_code ignored;
    ::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC);
    socket.non_blocking(true, ignored);
    // Nagle's algorithm with delayed acknowledgements would cost 42 ms per scrape.
    socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    auto connection = std::make_shared<Connection>(std::move(socket), *parts_);
    connections_.push_back(connection.get());
    enforce_limits(limits_.connections);
    asio::co_spawn(io_, serve(std::move(connection)), asio::detached);
  }

  asio::awaitable<void> serve(std::shared_ptr<Connection> connection) {
    try {
      co_await connection->run();
    } catch (const std::exception& failure) {  // out of memory
      spdlog::warn("http: closed a connection: {}", printable(failure.what()));
    }
    connection->abort();
    connections_.remove(connection.get());
    end_if_stopped();
  }

  /// `connections` is the maximum number of connections.
  void enforce_limits(std::size_t connections) {
    const AdmissionLimits limits{connections, limits_.connections_per_group, limits_.unsent_bytes};
    std::vector<const ClientUse*> uses;
    for (const Connection* connection : connections_) {
      if (connection->is_open()) uses.push_back(&connection->use());
    }
    while (const ClientUse* excess = find_excess(uses, limits, std::chrono::steady_clock::now())) {
      std::erase(uses, excess);
      const auto found = std::find_if(connections_.begin(), connections_.end(),
                                      [excess](const Connection* c) { return &c->use() == excess; });
      (*found)->abort();
    }
  }

  void end_if_stopped() {
    if (parts_->stopping && connections_.empty()) stop_timer_.cancel();
  }

  std::vector<ListenSocket> sockets_;  ///< Until start().
  std::vector<std::string> addresses_;
  bool local_only_ = true;  ///< Only this machine can connect to the addresses.
  const std::string telemetry_path_;
  const ServerLimits limits_;
  std::optional<Site> site_;
  std::optional<FairWorkers> page_workers_;
  std::optional<FairWorkers> password_workers_;
  std::optional<ServerParts> parts_;
  std::list<Connection*> connections_;  ///< Each from its admission until its coroutine ends.
  asio::io_context io_{1};
  std::list<asio::ip::tcp::acceptor> acceptors_;
  asio::steady_timer stop_timer_{io_};
  std::thread thread_;
};

Server::Server(std::unique_ptr<Service> service) : service_(std::move(service)) {}
Server::~Server() { stop(); }

Result<std::unique_ptr<Server>> Server::bind(const HttpOptions& options, const ServerLimits& limits) {
  if (auto valid = validate(options); !valid) return tl::make_unexpected(valid.error());
  std::vector<ListenSocket> sockets;
  if (options.systemd_socket) {
    auto passed = systemd_sockets();
    if (!passed) return tl::make_unexpected(passed.error());
    sockets = std::move(*passed);
  } else {
    for (const std::string& address : options.listen_addresses) {
      auto socket = listen_on(address);
      if (!socket) return tl::make_unexpected(socket.error());
      sockets.push_back(std::move(*socket));
    }
  }
  return std::unique_ptr<Server>(
      new Server(std::make_unique<Service>(std::move(sockets), options.telemetry_path, limits)));
}

void Server::start(Pages pages, WebPolicySource policy) {
  service_->start(std::move(pages), std::move(policy));
}

Result<std::unique_ptr<Server>> Server::listen(const HttpOptions& options, Pages pages) {
  auto server = bind(options);
  if (server) (*server)->start(std::move(pages));
  return server;
}

std::vector<std::string> Server::addresses() const { return service_->addresses(); }

void Server::stop() { service_->stop(); }

}  // namespace mre
