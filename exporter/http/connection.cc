// SPDX-License-Identifier: Apache-2.0
// A coroutine for each client: run() reads from top to bottom as the client sees it. Every wait is one of
// ready_for, which ends when the socket is ready or closed, and `on`, which ends when a worker has done its
// work. A single timer for each connection closes the socket when the present activity takes too long.
//
// While a coroutine waits, its socket may be closed, and the descriptor may become another client's. So each
// of these functions returns false if the socket was closed, and run() touches nothing after that.
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
  visitor_.share = share_of(peer_);
  visitor_.since = Clock::now();
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
    visitor_.held = answer.size();
    parts_.keep_limits();
    const bool received = co_await write(answer);
    visitor_.held = 0;
    if (!received) co_return;
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

void Connection::give_up() {
  asio::error_code ignored;
  deadline_.cancel();
  work_done_.cancel();
  if (visitor_.activity == Activity::writing)  // or the system would hold what it has of the answer
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);  // ends the waits
}

void Connection::give_up_if_idle() {
  if (visitor_.activity == Activity::idle || visitor_.activity == Activity::reading) give_up();
}

void Connection::begin(Activity activity, std::chrono::milliseconds limit) {
  visitor_.activity = activity;
  visitor_.since = Clock::now();
  deadline_.expires_after(limit);  // cancels the wait for the former one
  deadline_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    const bool is_former = self->deadline_.expiry() > Clock::now();
    if (!error && !is_former) self->give_up();
  });
}

/// The time of workers is no limit of the client's.
void Connection::begin_working(Activity activity) {
  visitor_.activity = activity;
  visitor_.since = Clock::now();
  deadline_.expires_at(Clock::time_point::max());
}

/// False if the connection has ended.
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

/// False if the client has closed, or was given up. A refused head counts as read.
asio::awaitable<bool> Connection::read_head() {
  std::array<char, 4096> buffer;
  for (bool ready = socket_.is_open(); ready;) {
    std::string_view rest = received_;
    const auto state = reader_.consume(rest);
    received_.erase(0, received_.size() - rest.size());
    if (state != RequestReader::State::more) co_return true;
    const auto step = transport_.read(buffer);
    if (step.need == Transport::Need::nothing) {
      if (visitor_.activity == Activity::idle) begin(Activity::reading, parts_.limits.head_time);
      received_.assign(buffer.data(), step.bytes);
      continue;
    }
    ready = co_await ready_for(step.need);
  }
  co_return false;
}

/// Empty: there is no answer, and the connection must be closed.
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

  if (policy->tls != tls_) co_return std::string();  // it may be one that the new context refuses
  if (!parts_.rate_limit.allow(visitor_.share, policy->rate_interval, policy->rate_burst, Clock::now()))
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
  const auto make_page = [&site = parts_.site, policy, head] { return site.answer(*head, policy->headers); };
  std::optional<std::string> answer = co_await on(parts_.page_workers, make_page);
  co_return answer ? std::move(*answer) : "";
}

asio::awaitable<bool> Connection::write(std::string_view answer) {
  bool ready = socket_.is_open();
  while (ready && !answer.empty()) {
    const auto step = transport_.write(answer);
    answer.remove_prefix(step.bytes);
    if (step.need != Transport::Need::nothing) ready = co_await ready_for(step.need);
  }
  co_return ready;
}

/// Reads what the client still sends, so that it gets the answer: closing a socket that has unread bytes
/// discards what was sent.
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

/// Runs `work` on one of the workers. Empty if the connection was given up meanwhile: then the work may still
/// run, so it must own what it uses, or not run at all.
template <class Work>
asio::awaitable<std::optional<std::invoke_result_t<Work>>> Connection::on(FairWorkers& workers, Work work) {
  struct Job {
    Work work;
    std::optional<std::invoke_result_t<Work>> result;
  };
  const std::shared_ptr<Job> job(new Job{std::move(work), std::nullopt});
  work_done_.expires_at(Clock::time_point::max());
  // The queue holds nothing of a connection that was given up.
  workers.post(visitor_.share, [waiting = std::weak_ptr<Job>(job), connection = weak_from_this(),
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
