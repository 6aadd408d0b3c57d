// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/mqtt_worker.h"

#include <algorithm>
#include <utility>

#include "exporter/mqtt/topic_filter.h"
#include "exporter/subscribe/mqtt_words.h"

namespace mre {
namespace {

using Kind = MqttEvent::Kind;

constexpr std::uint8_t kSessionTakenOver = 0x8E;  // MQTT 5.0 section 3.14.2.1
/// So many short connections in a row are no chance.
constexpr unsigned kShortConnections = 2;

bool is_end(const MqttEvent& event) { return event.kind == Kind::closed || event.kind == Kind::flooded; }

bool contains(const std::vector<std::string>& texts, const std::string& text) {
  return std::ranges::find(texts, text) != texts.end();
}

}  // namespace

MqttWorker::MqttWorker(const MqttOptions& options, MqttUrl url, MqttSession session, MqttQueue& queue)
    : options_(options),
      url_(std::move(url)),
      queue_(queue),
      session_(std::move(session)),
      backoff_(options.backoff_min, options.backoff_max) {
  status_.state = "connecting to " + url_.text();
  thread_ = std::thread([this] { run(); });
}

MqttWorker::~MqttWorker() { stop(); }

void MqttWorker::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void MqttWorker::narrow(std::vector<std::string> topics) {
  {
    const std::lock_guard lock(mutex_);
    narrowed_ = std::move(topics);
  }
  changed_.notify_all();
}

MqttSession MqttWorker::session() {
  const std::lock_guard lock(mutex_);
  return session_;
}

MqttSession MqttWorker::save_session(std::uint64_t handed_out) {
  const std::lock_guard lock(mutex_);
  session_.lasting_id = true;
  MqttSession saved = session_;
  saved.taken.keep_up_to(handed_out);
  return saved;
}

SourceStatus MqttWorker::status() {
  const std::lock_guard lock(mutex_);
  return status_;
}

void MqttWorker::run() {
  MqttClient client(*this, options_, url_);
  while (!stopping()) {
    Ending ending = connect_and_stay(client);
    client.close();
    if (stopping()) ending = {stopped_text(url_)};
    report_ending(ending);
    pause(delay_after(ending));
  }
}

MqttWorker::Ending MqttWorker::connect_and_stay(MqttClient& client) {
  subscribed_ = false;
  if (const auto readable = check_tls_files(options_); !readable) return {readable.error().what};
  const auto password = read_password(options_);
  if (!password) return {password.error().what};
  const MqttSession session = this->session();
  const bool keep = session.kept(options_) && !std::exchange(clean_start_, false);
  if (const auto started = client.connect(session.client_id, *password, keep); !started)
    return {cannot_connect(url_, started.error().what)};

  const auto event = wait_event(Clock::now() + options_.connect_timeout);
  if (!event || event->kind != Kind::connected) return ended_by(event, "CONNACK");
  report_connected(event->session_present, keep);
  return subscribe_and_stay(client);
}

MqttWorker::Ending MqttWorker::subscribe_and_stay(MqttClient& client) {
  for (;;) {
    if (const auto narrowed = take_narrowed(client); !narrowed)
      return {"cannot unsubscribe: " + narrowed.error().what};
    // Values that are retained are wanted once: they tell the kind of broker to whoever looks for it.
    if (const auto started = client.subscribe(!ever_subscribed_); !started)
      return {"cannot subscribe: " + started.error().what};
    const auto answer = wait_event(Clock::now() + options_.connect_timeout);
    if (!answer || answer->kind != Kind::subscribed) return ended_by(answer, "SUBACK");
    if (answer->codes.size() != options_.topics.size()) return {"the SUBACK does not fit the SUBSCRIBE"};

    const auto refused = refused_filters(options_, answer->codes);
    if (refused.count == options_.topics.size()) return {refused.text, Ending::Cause::refusal};
    report_subscribed(refused.text);
    // What was granted is read on. What was not is asked for again, now and then: an ACL may have changed.
    const auto event =
        stay(refused.count == 0 ? Clock::time_point::max() : Clock::now() + options_.backoff_max);
    if (event || stopping()) return ended_by(event, "end");
  }
}

/// Waits for the end of a connection that has been granted something; nothing at `until`, or as soon as the
/// topics are narrowed.
std::optional<MqttEvent> MqttWorker::stay(Clock::time_point until) {
  const bool never = options_.silent_after == std::chrono::seconds(0);
  const auto silence = never ? until : std::min(until, Clock::now() + options_.silent_after);
  auto event = wait_event(silence, true);
  if (event || silence == until || Clock::now() < silence) return event;
  report_silence();
  return wait_event(until, true);
}

/// Takes over what `narrow` said, and ends the subscriptions of the session that are not wanted.
Result<void> MqttWorker::take_narrowed(MqttClient& client) {
  std::vector<std::string> unwanted;
  {
    const std::lock_guard lock(mutex_);
    if (narrowed_) options_.topics = std::move(*std::exchange(narrowed_, std::nullopt));
    for (const std::string& topic : session_.topics)
      if (!contains(options_.topics, topic)) unwanted.push_back(topic);
    // Until the broker has answered, it may have the ones or the others.
    session_.topics = options_.topics;
    session_.topics.insert(session_.topics.end(), unwanted.begin(), unwanted.end());
  }
  return unwanted.empty() ? Result<void>{} : client.unsubscribe(unwanted);
}

MqttWorker::Ending MqttWorker::ended_by(const std::optional<MqttEvent>& event, std::string_view waited_for) {
  using Cause = Ending::Cause;
  if (!event) {
    return {url_.text() + " sent no " + std::string(waited_for) + " within " +
                std::to_string(options_.connect_timeout.count()) + " s",
            Cause::silence};
  }
  switch (event->kind) {
    case Kind::refused:
      return {connack_text(options_, url_, event->codes.at(0)),
              is_lasting_refusal(options_.protocol, event->codes.at(0)) ? Cause::refusal : Cause::any};
    case Kind::closed:
      return closed_by(*event);
    case Kind::failed:
      return {waited_for == "SUBACK" ? "cannot subscribe at " + url_.text() + ": " + event->text
                                     : cannot_connect(url_, event->text)};
    case Kind::flooded:
      return flooded_by(*event);
    case Kind::connected:
    case Kind::subscribed:
      break;
  }
  return {url_.text() + " sent an answer that nobody asked for"};
}

/// The broker would send the same again: the next connection begins without the session.
MqttWorker::Ending MqttWorker::flooded_by(const MqttEvent& event) {
  clean_start_ = true;
  const std::lock_guard lock(mutex_);
  ++status_.records_oversized;
  if (std::exchange(session_.expected, false)) ++status_.sessions_lost;
  return {url_.text() + " " + event.text + ": the connection was ended", Ending::Cause::refusal};
}

MqttWorker::Ending MqttWorker::closed_by(const MqttEvent& event) {
  using Cause = Ending::Cause;
  const std::string text = closed_text(options_, url_, event.codes);
  if (!subscribed_) return {text};
  if (!event.codes.empty()) {
    if (event.codes[0] != kSessionTakenOver) return {text, Cause::restart};
    return {text + take_over_text(session_.client_id, true), Cause::refusal};
  }
  // Perhaps a ping was not answered: a broker that hangs throws nobody out.
  const Clock::duration silence = Clock::now().time_since_epoch() - Clock::duration(last_sign_.load());
  if (silence >= MqttClient::shortest_ping_loss(options_)) return {text, Cause::silence};
  // A client that takes our place is told of in MQTT 5.0 alone, and not by each broker.
  const bool is_short = Clock::now() - connected_ < options_.backoff_max;
  short_connections_ = is_short ? short_connections_ + 1 : 0;
  if (short_connections_ >= kShortConnections)
    return {text + take_over_text(session_.client_id, false), Cause::refusal};
  return {text, Cause::restart};
}

Backoff::Delay MqttWorker::delay_after(const Ending& ending) {
  // A connection that held for a while was a success. One that is thrown out at once, over and over, was
  // none.
  if (subscribed_ && Clock::now() - connected_ >= options_.backoff_max) backoff_.reset();
  if (!subscribed_) short_connections_ = 0;
  switch (ending.cause) {
    case Ending::Cause::any:
      break;
    case Ending::Cause::restart:
      return backoff_.after_restart();
    case Ending::Cause::silence:
      return backoff_.after_silence();
    case Ending::Cause::refusal:
      return backoff_.after_refusal();
  }
  return backoff_.next();
}

void MqttWorker::report_connected(bool session_present, bool keep_session) {
  connected_ = Clock::now();
  last_sign_ = connected_.time_since_epoch().count();
  const std::lock_guard lock(mutex_);
  ++status_.connects;
  if (keep_session && session_.expected && !session_present) ++status_.sessions_lost;
  session_.expected = keep_session;
  if (session_present) return;
  session_.topics.clear();
  session_.taken.clear();
}

void MqttWorker::report_subscribed(const std::string& refused) {
  subscribed_ = ever_subscribed_ = true;
  const std::lock_guard lock(mutex_);
  session_.topics = options_.topics;
  const bool alive = std::ranges::none_of(mailbox_, [](const MqttEvent& event) { return is_end(event); });
  if (refused.empty() && !status_.up) ++status_.resubscribes;
  status_.up = refused.empty() && alive;
  status_.silent = false;
  status_.state = refused.empty() ? subscribed_text(options_, url_) : refused;
  heard_state_ = status_.state;
}

void MqttWorker::report_silence() {
  const std::lock_guard lock(mutex_);
  if (!unheard_) return;
  status_.silent = true;
  if (status_.up) status_.state = silent_text(options_, url_);
}

void MqttWorker::report_ending(const Ending& ending) {
  const std::lock_guard lock(mutex_);
  mailbox_.clear();
  accepted_ = false;
  unheard_ = true;
  status_.up = status_.silent = false;
  status_.state = ending.why;
  if (!subscribed_ && !stopping_) ++status_.failures;
}

std::optional<MqttEvent> MqttWorker::wait_event(Clock::time_point deadline, bool narrowing_watched) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] {
    return stopping_ || !mailbox_.empty() || (narrowing_watched && narrowed_.has_value());
  });
  if (stopping_ || mailbox_.empty()) return std::nullopt;
  MqttEvent event = std::move(mailbox_.front());
  mailbox_.pop_front();
  return event;
}

void MqttWorker::pause(Backoff::Delay delay) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, Clock::now() + delay, [this] { return stopping_; });
}

bool MqttWorker::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void MqttWorker::on_event(MqttEvent event) {
  {
    const std::lock_guard lock(mutex_);
    accepted_ |= event.kind == Kind::connected;
    if (is_end(event) && status_.up) {
      status_.up = status_.silent = false;
      status_.state = closed_text(options_, url_, event.codes);
    }
    mailbox_.push_back(std::move(event));
  }
  changed_.notify_all();
}

void MqttWorker::on_message(const MqttDelivery& message) {
  last_sign_ = Clock::now().time_since_epoch().count();
  const auto number = take(message);
  if (!number) return;
  const std::size_t bytes = message.topic.size() + message.payload.size();
  const bool oversized = bytes > options_.max_packet_bytes;
  if (!oversized &&
      queue_.push({std::string(message.topic), std::string(message.payload), message.retained, *number},
                  bytes))
    return;
  const std::lock_guard lock(mutex_);
  ++(oversized ? status_.records_oversized : status_.records_dropped);
}

/// Before anybody can see the message: says that something has come, and remembers it. Its number; nothing if
/// it was taken before, or no broker may send it.
std::optional<std::uint64_t> MqttWorker::take(const MqttDelivery& message) {
  const bool valid = mqtt::is_topic_name(message.topic);
  const std::lock_guard lock(mutex_);
  if (!accepted_ || !valid) {
    ++status_.records_invalid;
    return std::nullopt;
  }
  unheard_ = false;
  if (std::exchange(status_.silent, false) && status_.up) status_.state = heard_state_;
  MqttTaken& taken = session_.taken;
  if (message.duplicate) {
    ++status_.redelivered;
    if (taken.has(message.packet_id, message.topic, message.payload)) return std::nullopt;
  }
  taken.add(message.packet_id, message.topic, message.payload);
  return taken.count();
}

void MqttWorker::on_callback_failure() noexcept {
  const std::lock_guard lock(mutex_);
  ++status_.records_dropped;
}

}  // namespace mre
