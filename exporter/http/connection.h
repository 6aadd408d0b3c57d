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

/// What all connections of a server share. Used on the I/O thread, except where said.
struct ServerParts {
  ServerLimits limits;
  Site& site;  ///< From the workers too.
  WebPolicySource policy;
  RateLimit rate_limit;
  FairWorkers& page_workers;
  FairWorkers& password_workers;
  std::function<void()> keep_limits;  ///< After a connection holds more bytes: gives up what is too much.
  bool stopping = false;
};

/// One client, from the accepted socket to its end. Lives on the I/O thread, which never waits for it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::ip::tcp::socket socket, ServerParts& parts);

  /// Serves request after request until the client closes, breaks a limit, or `give_up` is called. The
  /// caller keeps the connection until then.
  asio::awaitable<void> run();

  /// Closes the socket; `run` ends soon.
  void give_up();

  /// For the end of the server: closes if no request is being answered.
  void give_up_if_idle();

  bool is_open() const { return socket_.is_open(); }  ///< False from give_up on.
  const Visitor& visitor() const { return visitor_; }

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
  asio::steady_timer work_done_;  ///< Never expires: its wait ends when it is cancelled.
  std::string peer_;
  Visitor visitor_;
  std::shared_ptr<SSL_CTX> tls_;
  Transport transport_;
  RequestReader reader_;
  std::string received_;  ///< Bytes behind the head.
  bool keep_alive_ = false;
};

}  // namespace mre
