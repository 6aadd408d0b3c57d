// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/connection_loop.h"

#include <algorithm>
#include <utility>

#include "exporter/mqtt/topic_filter.h"
#include "exporter/subscribe/status_text.h"

namespace mre {
namespace {

using Kind = BrokerEvent::Kind;

constexpr std::uint8_t kSessionTakenOver = 0x8E;  // MQTT 5.0 section 3.14.2.1
/// This many short connections in a row are not a coincidence.
constexpr unsigned kShortConnections = 2;

bool is_end(const BrokerEvent& event) { return event.kind == Kind::closed || event.kind == Kind::flooded; }

bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::ranges::find(texts, text) != texts.end();
}

}  // namespace

ConnectionLoop::ConnectionLoop(const MqttOptions& options, BrokerUrl url, BrokerSession session,
                               MessageQueue& queue)
    : options_(options),
      url_(std::move(url)),
      queue_(queue),
      shared_(Shared{.session = std::move(session), .status = {}}),
      backoff_(options.backoff_min, options.backoff_max) {
  shared_.lock()->status.state = "connecting to " + url_.text();
  thread_ = std::thread([this] { run(); });
}

ConnectionLoop::~ConnectionLoop() { stop(); }

void ConnectionLoop::stop() {
  if (!thread_.joinable()) return;
  shared_.lock()->stopping = true;
  shared_.notify();
  thread_.join();
}

void ConnectionLoop::narrow(std::vector<std::string> topics) {
  shared_.lock()->narrowed = std::move(topics);
  shared_.notify();
}

BrokerSession ConnectionLoop::session() { return shared_.lock()->session; }

BrokerSession ConnectionLoop::save_session(std::uint64_t handed_out) {
  const auto shared = shared_.lock();
  shared->session.permanent_id = true;
  BrokerSession saved = shared->session;
  saved.filter.truncate_after(handed_out);
  return saved;
}

SourceStatus ConnectionLoop::status() { return shared_.lock()->status; }

void ConnectionLoop::run() {
  PahoClient client(*this, options_, url_);
  while (!stopping()) {
    End end = connect(client);
    client.close();
    if (stopping()) end = {stopped_text(url_)};
    report_end(end);
    pause(delay_after(end));
  }
}

ConnectionLoop::End ConnectionLoop::connect(PahoClient& client) {
  subscribed_ = false;
  if (const auto readable = check_tls_files(options_); !readable) return {readable.error().what};
  const auto password = read_password(options_);
  if (!password) return {password.error().what};
  const BrokerSession session = this->session();
  const bool keep = session.is_kept(options_) && !std::exchange(clean_start_, false);
  if (const auto started = client.connect(session.client_id, *password, keep); !started)
    return {cannot_connect(url_, started.error().what)};

  const auto event = wait_event(Clock::now() + options_.connect_timeout);
  if (!event || event->kind != Kind::connected) return end_after(event, "CONNACK");
  report_connected(event->session_present, keep);
  return subscribe(client);
}

ConnectionLoop::End ConnectionLoop::subscribe(PahoClient& client) {
  for (;;) {
    if (const auto narrowed = apply_narrowed(client); !narrowed)
      return {"cannot unsubscribe: " + narrowed.error().what};
    // Retained messages are requested once: they identify the kind of broker.
    if (const auto started = client.subscribe(!ever_subscribed_); !started)
      return {"cannot subscribe: " + started.error().what};
    const auto answer = wait_event(Clock::now() + options_.connect_timeout);
    if (!answer || answer->kind != Kind::subscribed) return end_after(answer, "SUBACK");
    if (answer->codes.size() != options_.topics.size()) return {"the SUBACK does not match the SUBSCRIBE"};

    const auto refused = refused_filters(options_, answer->codes);
    if (refused.count == options_.topics.size()) return {refused.text, End::Cause::refusal};
    report_subscribed(refused.text);
    // Refused filters are requested again after backoff_max, because an ACL may have changed.
    const auto event =
        wait_for_end(refused.count == 0 ? Clock::time_point::max() : Clock::now() + options_.backoff_max);
    if (event || stopping()) return end_after(event, "end");
  }
}

/// Waits for the end of a connection with a granted filter. Returns nothing at `until`, or as soon as the
/// topics were narrowed.
std::optional<BrokerEvent> ConnectionLoop::wait_for_end(Clock::time_point until) {
  const bool never = options_.silent_after == std::chrono::seconds(0);
  const auto silence = never ? until : std::min(until, Clock::now() + options_.silent_after);
  auto event = wait_event(silence, WakeOn::narrow);
  if (event || silence == until || Clock::now() < silence) return event;
  report_silence();
  return wait_event(until, WakeOn::narrow);
}

/// Applies the last call of `narrow`, and ends the subscriptions of the session that are not in the options.
Result<void> ConnectionLoop::apply_narrowed(PahoClient& client) {
  std::vector<std::string> unwanted;
  {
    const auto shared = shared_.lock();
    if (shared->narrowed) options_.topics = std::move(*std::exchange(shared->narrowed, std::nullopt));
    std::vector<std::string>& topics = shared->session.topics;
    for (const std::string& topic : topics)
      if (!contains(options_.topics, topic)) unwanted.push_back(topic);
    // Until the broker has answered, the session may hold either set.
    topics = options_.topics;
    topics.insert(topics.end(), unwanted.begin(), unwanted.end());
  }
  return unwanted.empty() ? Result<void>{} : client.unsubscribe(unwanted);
}

ConnectionLoop::End ConnectionLoop::end_after(const std::optional<BrokerEvent>& event,
                                              std::string_view awaited) {
  using Cause = End::Cause;
  if (!event) {
    return {url_.text() + " sent no " + std::string(awaited) + " within " +
                std::to_string(options_.connect_timeout.count()) + " s",
            Cause::silence};
  }
  switch (event->kind) {
    case Kind::refused:
      return {connack_text(options_, url_, event->codes.at(0)),
              is_lasting_refusal(options_.protocol, event->codes.at(0)) ? Cause::refusal : Cause::other};
    case Kind::closed:
      return closed_by(*event);
    case Kind::failed:
      return {awaited == "SUBACK" ? "cannot subscribe at " + url_.text() + ": " + event->text
                                  : cannot_connect(url_, event->text)};
    case Kind::flooded:
      return flooded_by(*event);
    case Kind::connected:
    case Kind::subscribed:
      break;
  }
  return {url_.text() + " sent an unexpected answer"};
}

/// Discards the session for the next connection, because the broker would send the same messages again.
ConnectionLoop::End ConnectionLoop::flooded_by(const BrokerEvent& event) {
  clean_start_ = true;
  const auto shared = shared_.lock();
  ++shared->status.records_oversized;
  if (std::exchange(shared->session.expected, false)) ++shared->status.sessions_lost;
  return {url_.text() + " " + event.text + ": the exporter ended the connection", End::Cause::refusal};
}

ConnectionLoop::End ConnectionLoop::closed_by(const BrokerEvent& event) {
  using Cause = End::Cause;
  const std::string text = closed_text(options_, url_, event.codes);
  if (!subscribed_) return {text};
  const std::string client_id = shared_.lock()->session.client_id;
  if (!event.codes.empty()) {
    if (event.codes[0] != kSessionTakenOver) return {text, Cause::restart};
    return {text + take_over_text(client_id, true), Cause::refusal};
  }
  // Perhaps a ping was not answered: a broker that hangs disconnects nobody.
  const Clock::duration silence = Clock::now().time_since_epoch() - Clock::duration(last_received_.load());
  if (silence >= PahoClient::shortest_ping_loss(options_)) return {text, Cause::silence};
  // Only MQTT 5.0 has a code for a take-over by another client, and not every broker sends it.
  const bool is_short = Clock::now() - connected_at_ < options_.backoff_max;
  short_connections_ = is_short ? short_connections_ + 1 : 0;
  if (short_connections_ >= kShortConnections)
    return {text + take_over_text(client_id, false), Cause::refusal};
  return {text, Cause::restart};
}

Backoff::Delay ConnectionLoop::delay_after(const End& end) {
  // Only a connection that lasted for a while was a success, not one that is closed at once again and again.
  if (subscribed_ && Clock::now() - connected_at_ >= options_.backoff_max) backoff_.reset();
  if (!subscribed_) short_connections_ = 0;
  switch (end.cause) {
    case End::Cause::other:
      break;
    case End::Cause::restart:
      return backoff_.after_restart();
    case End::Cause::silence:
      return backoff_.after_silence();
    case End::Cause::refusal:
      return backoff_.after_refusal();
  }
  return backoff_.next();
}

void ConnectionLoop::report_connected(bool session_present, bool keep_session) {
  connected_at_ = Clock::now();
  last_received_ = connected_at_.time_since_epoch().count();
  const auto shared = shared_.lock();
  BrokerSession& session = shared->session;
  ++shared->status.connects;
  if (keep_session && session.expected && !session_present) ++shared->status.sessions_lost;
  session.expected = keep_session;
  if (session_present) return;
  session.topics.clear();
  session.filter.clear();
}

void ConnectionLoop::report_subscribed(const std::string& refused) {
  subscribed_ = ever_subscribed_ = true;
  const auto shared = shared_.lock();
  SourceStatus& status = shared->status;
  shared->session.topics = options_.topics;
  const bool alive = std::ranges::none_of(shared->mailbox, is_end);
  if (refused.empty() && !status.up) ++status.resubscribes;
  status.up = refused.empty() && alive;
  status.silent = false;
  status.state = refused.empty() ? subscribed_text(options_, url_) : refused;
  shared->receiving_state = status.state;
}

void ConnectionLoop::report_silence() {
  const auto shared = shared_.lock();
  if (shared->received_any) return;
  shared->status.silent = true;
  if (shared->status.up) shared->status.state = silent_text(options_, url_);
}

void ConnectionLoop::report_end(const End& end) {
  const auto shared = shared_.lock();
  shared->mailbox.clear();
  shared->connected = false;
  shared->received_any = false;
  shared->status.up = shared->status.silent = false;
  shared->status.state = end.why;
  if (!subscribed_ && !shared->stopping) ++shared->status.failures;
}

std::optional<BrokerEvent> ConnectionLoop::wait_event(Clock::time_point deadline, WakeOn wake) {
  auto shared = shared_.lock();
  shared.wait_until(deadline, [&] {
    return shared->stopping || !shared->mailbox.empty() || (wake == WakeOn::narrow && shared->narrowed);
  });
  if (shared->stopping || shared->mailbox.empty()) return std::nullopt;
  BrokerEvent event = std::move(shared->mailbox.front());
  shared->mailbox.pop_front();
  return event;
}

void ConnectionLoop::pause(Backoff::Delay delay) {
  auto shared = shared_.lock();
  shared.wait_until(Clock::now() + delay, [&] { return shared->stopping; });
}

bool ConnectionLoop::stopping() { return shared_.lock()->stopping; }

void ConnectionLoop::on_event(BrokerEvent event) {
  {
    const auto shared = shared_.lock();
    SourceStatus& status = shared->status;
    shared->connected |= event.kind == Kind::connected;
    if (is_end(event) && status.up) {
      status.up = status.silent = false;
      status.state = closed_text(options_, url_, event.codes);
    }
    shared->mailbox.push_back(std::move(event));
  }
  shared_.notify();
}

void ConnectionLoop::on_message(const ReceivedMessage& message) {
  last_received_ = Clock::now().time_since_epoch().count();
  const auto number = accept(message);
  if (!number) return;
  const std::size_t bytes = message.topic.size() + message.payload.size();
  const bool oversized = bytes > options_.max_packet_bytes;
  if (!oversized) {
    std::string text;
    text.reserve(bytes);
    text.append(message.topic).append(message.payload);
    if (queue_.push({std::move(text), message.topic.size(), message.retained, *number}, bytes)) return;
  }
  const auto shared = shared_.lock();
  ++(oversized ? shared->status.records_oversized : shared->status.records_dropped);
}

/// Runs before the message is visible to any reader: updates the status and the redelivery filter. Returns
/// the number of the message; nothing if it is a redelivery, or not valid.
std::optional<std::uint64_t> ConnectionLoop::accept(const ReceivedMessage& message) {
  const bool valid = mqtt::is_topic_name(message.topic);
  const auto shared = shared_.lock();
  SourceStatus& status = shared->status;
  if (!shared->connected || !valid) {
    ++status.records_invalid;
    return std::nullopt;
  }
  shared->received_any = true;
  if (std::exchange(status.silent, false) && status.up) status.state = shared->receiving_state;
  RedeliveryFilter& filter = shared->session.filter;
  if (message.duplicate) {
    ++status.redelivered;
    if (filter.contains(message.packet_id, message.topic, message.payload)) return std::nullopt;
  }
  filter.add(message.packet_id, message.topic, message.payload);
  return filter.count();
}

void ConnectionLoop::on_callback_failure() noexcept { ++shared_.lock()->status.records_dropped; }

}  // namespace mre
