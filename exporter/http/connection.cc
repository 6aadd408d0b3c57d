// SPDX-License-Identifier: Apache-2.0
// Each client has a coroutine: run() shows the protocol from top to
// bottom. It waits in two places only: ready_for, until the socket is ready or closed, and `on`, until a
// worker is done. One timer per connection closes the socket when the current activity takes too long.
//
// While a coroutine waits, its socket may be closed and its descriptor reused for another client. So each of
// these functions returns false if the socket was closed, and run() uses nothing after that.
#include "exporter/http/connection.h"

#include <sys/socket.h>

#include <array>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <utility>

namespace mre {
namespace {

std::string peer_of(const asio::ip::tcp::socket& socket) {
  asio::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "";
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  return address.to_string();
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, ServerParts& parts)
    : parts_(parts),
      socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      work_done_(socket_.get_executor()),
      peer_(peer_of(socket_)),
      tls_(parts.policy()->tls),
      transport_(socket_.native_handle(), tls_) {
  use_.group = client_group(peer_);
  use_.since = Clock::now();
}

asio::awaitable<void> Connection::run() {
  begin(Activity::reading, parts_.limits.head_time);
  const bool secured = co_await handshake();
  if (!secured) co_return;
  for (std::size_t requests = 1;; ++requests) {
    const bool asked = co_await read_head();
    if (!asked) co_return;
    keep_alive_ = requests < parts_.limits.requests && !parts_.stopping;
    const std::string answer = co_await respond();
    if (answer.empty()) co_return;

    begin(Activity::writing, parts_.limits.answer_time);
    use_.unsent = answer.size();
    parts_.enforce_limits();
    const bool received = co_await write(answer);
    use_.unsent = 0;
    if (!received) co_return;
    use_.served = true;
    if (!keep_alive_ || parts_.stopping) break;

    reader_ = RequestReader();
    if (received_.empty()) {
      begin(Activity::idle, parts_.limits.idle_time);
    } else {
      begin(Activity::reading, parts_.limits.head_time);
    }
  }
  co_await linger();
}

void Connection::abort() {
  asio::error_code ignored;
  deadline_.cancel();
  work_done_.cancel();
  if (use_.activity == Activity::writing)  // otherwise the kernel would keep the unsent answer
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);  // also ends the waits
}

void Connection::abort_if_idle() {
  if (use_.activity == Activity::idle || use_.activity == Activity::reading) abort();
}

void Connection::begin(Activity activity, std::chrono::milliseconds limit) {
  use_.activity = activity;
  use_.since = Clock::now();
  deadline_.expires_after(limit);  // cancels the previous wait
  deadline_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    const bool is_previous = self->deadline_.expiry() > Clock::now();
    if (!error && !is_previous) self->abort();
  });
}

/// The client is not timed while workers act for it.
void Connection::begin_working(Activity activity) {
  use_.activity = activity;
  use_.since = Clock::now();
  deadline_.expires_at(Clock::time_point::max());
}

/// Returns false if the connection has ended.
asio::awaitable<bool> Connection::ready_for(Transport::Need need) {
  if (need == Transport::Need::end) co_return false;
  asio::error_code error;
  const auto wait =
      need == Transport::Need::readable ? asio::socket_base::wait_read : asio::socket_base::wait_write;
  co_await socket_.async_wait(wait, asio::redirect_error(asio::use_awaitable, error));
  co_return !error && socket_.is_open();
}

asio::awaitable<bool> Connection::handshake() {
  for (bool ready = socket_.is_open(); ready;) {
    const auto step = transport_.handshake();
    if (step.need == Transport::Need::nothing) co_return true;
    ready = co_await ready_for(step.need);
  }
  co_return false;
}

/// Returns false if the client has closed, or was aborted. A refused head counts as read.
asio::awaitable<bool> Connection::read_head() {
  std::array<char, 4096> buffer;
  for (bool ready = socket_.is_open(); ready;) {
    std::string_view rest = received_;
    const auto state = reader_.consume(rest);
    received_.erase(0, received_.size() - rest.size());
    if (state != RequestReader::State::more) co_return true;
    const auto step = transport_.read(buffer);
    if (step.need == Transport::Need::nothing) {
      if (use_.activity == Activity::idle) begin(Activity::reading, parts_.limits.head_time);
      received_.assign(buffer.data(), step.bytes);
      continue;
    }
    ready = co_await ready_for(step.need);
  }
  co_return false;
}

/// Returns the answer; empty if there is none, and the connection must be closed.
asio::awaitable<std::string> Connection::respond() {
  begin_working(Activity::working);
  const auto policy = parts_.policy();
  if (reader_.state() == RequestReader::State::refused) {
    keep_alive_ = false;
    co_return Site::deny(RequestHead{}, reader_.status(), policy->headers);
  }
  const auto head = std::make_shared<RequestHead>(reader_.head());
  keep_alive_ = keep_alive_ && head->keep_alive;
  head->keep_alive = keep_alive_;

  if (policy->tls != tls_) co_return std::string();  // the new context may refuse this client
  if (!parts_.rate_limit.allow(use_.group, policy->rate_interval, policy->rate_burst, Clock::now()))
    co_return Site::deny(*head, 429, policy->headers);

  if (policy->authorize) {
    std::optional<Verdict> verdict;
    if (policy->recall) verdict = policy->recall(*head, peer_);
    if (!verdict) {
      begin_working(Activity::verifying);
      const auto authorize = [policy, head, peer = peer_] { return policy->authorize(*head, peer); };
      verdict = co_await on(parts_.password_workers, authorize);
      if (!verdict) co_return "";
      begin_working(Activity::working);
    }
    if (const Verdict& denial = *verdict) {
      HttpHeaders headers = policy->headers;
      headers.insert(headers.end(), denial->headers.begin(), denial->headers.end());
      co_return Site::deny(*head, denial->status, headers);
    }
  }
  const bool any_browser = parts_.local_only && !policy->authorize && !policy->tls;
  const auto make_page = [&site = parts_.site, policy, head, any_browser] {
    return site.answer(*head, policy->headers,
                       any_browser ? Site::Clients::browsers : Site::Clients::admitted);
  };
  std::optional<std::string> answer = co_await on(parts_.page_workers, make_page);
  co_return answer ? std::move(*answer) : "";
}

asio::awaitable<bool> Connection::write(std::string_view answer) {
  bool ready = socket_.is_open();
  while (ready && !answer.empty()) {
    const auto step = transport_.write(answer);
    answer.remove_prefix(step.bytes);
    if (step.bytes > 0) use_.since = Clock::now();
    if (step.need != Transport::Need::nothing) ready = co_await ready_for(step.need);
  }
  co_return ready;
}

/// Reads what the client still sends, so that it receives the answer: closing a socket with unread bytes
/// discards sent data.
asio::awaitable<void> Connection::linger() {
  begin(Activity::idle, parts_.limits.linger_time);
  transport_.end_writing();
  std::array<char, 4096> buffer;
  for (std::size_t budget = 64; budget > 0; --budget) {
    const ssize_t size = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
    if (size > 0) continue;
    if (size == 0 || (errno != EAGAIN && errno != EINTR)) co_return;
    const bool ready = co_await ready_for(Transport::Need::readable);
    if (!ready) co_return;
  }
}

/// Runs `work` on one of the workers. Returns nothing if the connection was aborted meanwhile: then the work
/// may still run, so it must own what it uses, or it may not run at all.
template <class Work>
asio::awaitable<std::optional<std::invoke_result_t<Work>>> Connection::on(FairWorkers& workers, Work work) {
  struct Job {
    Work work;
    std::optional<std::invoke_result_t<Work>> result;
  };
  const std::shared_ptr<Job> job(new Job{std::move(work), std::nullopt});
  work_done_.expires_at(Clock::time_point::max());
  // The queue must not keep an aborted connection alive.
  workers.post(use_.group, [waiting = std::weak_ptr<Job>(job), connection = weak_from_this(),
                            executor = socket_.get_executor()] {
    const std::shared_ptr<Job> running = waiting.lock();
    if (!running) return;
    running->result = running->work();
    asio::post(executor, [connection] {
      if (const auto waiter = connection.lock()) waiter->work_done_.cancel();
    });
  });
  asio::error_code cancelled;
  co_await work_done_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  if (!socket_.is_open()) co_return std::nullopt;
  co_return std::move(job->result);
}

}  // namespace mre
