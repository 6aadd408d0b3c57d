// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "exporter/http/admission.h"
#include "exporter/http/fair_workers.h"
#include "exporter/http/request_head.h"
#include "exporter/http/server_limits.h"
#include "exporter/http/site.h"
#include "exporter/http/transport.h"
#include "exporter/http/web_policy.h"

namespace mre {

/// Shared by all connections of a server. Used on the I/O thread unless noted.
struct ServerParts {
  ServerLimits limits;
  Site& site;       ///< Also used by the workers.
  bool local_only;  ///< Only this machine can connect.
  WebPolicySource policy;
  RateLimit rate_limit;
  FairWorkers& page_workers;
  FairWorkers& password_workers;
  std::function<void()>
      enforce_limits;  ///< Closes connections above the limits. Call it after buffering bytes.
  bool stopping = false;
};

/// A connection from accept to close. Lives on the I/O thread and never blocks it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::ip::tcp::socket socket, ServerParts& parts);

  /// Serves requests until the client closes, exceeds a limit, or `abort` is called. The caller must keep the
  /// object alive until then.
  asio::awaitable<void> run();

  /// Closes the socket; `run` returns soon.
  void abort();

  /// Aborts unless a request is being answered. For the shutdown of the server.
  void abort_if_idle();

  bool is_open() const { return socket_.is_open(); }  ///< False after abort.
  const ClientUse& use() const { return use_; }

 private:
  using Clock = std::chrono::steady_clock;

  void begin(Activity activity, std::chrono::milliseconds limit);
  void begin_working(Activity activity);
  asio::awaitable<bool> ready_for(Transport::Need need);
  asio::awaitable<bool> handshake();
  asio::awaitable<bool> read_head();
  asio::awaitable<std::string> respond();
  asio::awaitable<bool> write(std::string_view answer);
  asio::awaitable<void> linger();
  template <class Work>
  asio::awaitable<std::optional<std::invoke_result_t<Work>>> on(FairWorkers& workers, Work work);

  ServerParts& parts_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer deadline_;
  asio::steady_timer work_done_;  ///< Never expires; cancelled when the work is done.
  std::string peer_;
  ClientUse use_;
  std::shared_ptr<SSL_CTX> tls_;
  Transport transport_;
  RequestReader reader_;
  std::string received_;  ///< Bytes after the head.
  bool keep_alive_ = false;
};

}  // namespace mre
