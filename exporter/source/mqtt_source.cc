// Three threads, three roles: the library's thread puts messages into the queue and answers into the mailbox;
// the worker, which owns the client, reads the mailbox and goes round connect, subscribe, stay, wait; the
// feed's thread takes from the queue.
#include "exporter/source/mqtt_source.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "exporter/base/bounded_queue.h"
#include "exporter/source/backoff.h"
#include "exporter/source/mqtt_client.h"
#include "exporter/source/mqtt_words.h"

namespace mre {
namespace {

using Kind = MqttEvent::Kind;
using Clock = std::chrono::steady_clock;

std::string random_client_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id = "mqtt-reason-exporter-";
  std::random_device random;
  for (int i = 0; i < 8; ++i) id += digits[random() % digits.size()];
  return id;
}

struct Message {
  std::string topic;
  std::string payload;
  bool retained;
};

class MqttSource final : public MqttSubscriber, private MqttObserver {
 public:
  MqttSource(const MqttOptions& options, MqttUrl url)
      : options_(options),
        url_(std::move(url)),
        client_id_(options.client_id.empty() ? random_client_id() : options.client_id),
        queue_(options.queue_records, options.queue_bytes) {
    shared_.state = "connecting to " + url_.text();
    worker_ = std::thread([this] { run(); });
  }
  ~MqttSource() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    worker_.join();
  }
  MqttSource(const MqttSource&) = delete;
  MqttSource& operator=(const MqttSource&) = delete;

  Result<std::optional<Record>> next(Deadline deadline) override;
  void interrupt() override { queue_.interrupt(); }
  bool save(ByteWriter&) override { return true; }
  void narrow(std::vector<std::string> topics) override {
    {
      const std::lock_guard lock(mutex_);
      narrowed_ = std::move(topics);
    }
    changed_.notify_all();
  }
  const SourceStatus& status() override;

 private:
  /// How a connection, or the attempt to have one, ended.
  struct Ending {
    std::string why;
    bool refused = false;  ///< The broker said no: trying again soon will not help.
  };

  void run();
  Ending connect_and_stay(MqttClient& client);
  Ending subscribe_and_stay(MqttClient& client);
  Result<void> take_narrowed(MqttClient& client);
  /// What `event`, which is not the one that was waited for, says about the connection. None: `waited_for`
  /// did not come.
  Ending ended_by(const std::optional<MqttEvent>& event, std::string_view waited_for) const;
  void report_ending(const Ending& ending);
  void report_subscribed(const std::string& refused);

  /// The next event; nothing when the time is over, the source is to stop, or, if that is `watched`, it is
  /// narrowed.
  std::optional<MqttEvent> wait_event(Clock::time_point deadline, bool narrowing_watched = false);
  /// Waits in vain for `delay`, unless the source is to stop.
  void pause(Backoff::Delay delay);
  bool stopping();

  // On the library's thread.
  void on_event(MqttEvent event) override;
  void on_message(std::string_view topic, std::string_view payload, bool retained) override;
  void on_callback_failure() noexcept override;

  MqttOptions options_;  ///< Its topics are the worker's; all else stays as it is.
  const MqttUrl url_;
  const std::string client_id_;
  BoundedQueue<Message> queue_;

  std::mutex mutex_;  ///< Guards the five below.
  std::condition_variable changed_;
  std::deque<MqttEvent> mailbox_;  ///< Of the current connection.
  bool stopping_ = false;
  std::optional<std::vector<std::string>> narrowed_;  ///< To be taken by the worker.
  SourceStatus shared_;                               ///< What the worker and the library's thread count.

  // The feed's thread.
  std::optional<Message> current_;  ///< Behind the views of the record handed out.
  std::uint64_t record_bytes_ = 0;
  std::uint64_t retained_skipped_ = 0;
  SourceStatus status_;

  bool subscribed_ = false;  ///< The worker's: whether this connection got at least one filter granted.
  std::thread worker_;       ///< Last: starts when all else is there.
};

Result<std::optional<Record>> MqttSource::next(Deadline deadline) {
  current_ = queue_.pop(deadline);
  if (!current_) return std::nullopt;
  record_bytes_ += current_->payload.size();
  if (current_->retained) ++retained_skipped_;
  return Record{.payload = current_->payload, .topic = current_->topic, .retained = current_->retained};
}

const SourceStatus& MqttSource::status() {
  {
    const std::lock_guard lock(mutex_);
    status_ = shared_;
  }
  status_.record_bytes = record_bytes_;
  status_.retained_skipped = retained_skipped_;
  return status_;
}

void MqttSource::on_event(MqttEvent event) {
  {
    const std::lock_guard lock(mutex_);
    if (event.kind == Kind::closed && shared_.up) {
      shared_.up = false;
      shared_.state = closed_text(options_, url_, event.codes);
    }
    mailbox_.push_back(std::move(event));
  }
  changed_.notify_all();
}

void MqttSource::on_message(std::string_view topic, std::string_view payload, bool retained) {
  const std::size_t bytes = topic.size() + payload.size();
  const bool oversized = bytes > options_.max_packet_bytes;
  if (!oversized && queue_.push({std::string(topic), std::string(payload), retained}, bytes)) return;
  const std::lock_guard lock(mutex_);
  ++(oversized ? shared_.records_oversized : shared_.records_dropped);
}

void MqttSource::on_callback_failure() noexcept {
  const std::lock_guard lock(mutex_);
  ++shared_.records_dropped;
}

std::optional<MqttEvent> MqttSource::wait_event(Clock::time_point deadline, bool narrowing_watched) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] {
    return stopping_ || !mailbox_.empty() || (narrowing_watched && narrowed_.has_value());
  });
  if (stopping_ || mailbox_.empty()) return std::nullopt;
  MqttEvent event = std::move(mailbox_.front());
  mailbox_.pop_front();
  return event;
}

void MqttSource::pause(Backoff::Delay delay) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, Clock::now() + delay, [this] { return stopping_; });
}

bool MqttSource::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void MqttSource::run() {
  Backoff backoff(options_.backoff_min, options_.backoff_max);
  MqttClient client(*this, options_, url_, client_id_);
  while (!stopping()) {
    const auto start = Clock::now();
    const Ending ending = connect_and_stay(client);
    client.close();
    report_ending(ending);
    // A connection that held for a while was a success. One that is thrown out at once, over and over, was
    // none.
    if (Clock::now() - start >= options_.backoff_max) backoff.reset();
    pause(ending.refused ? backoff.after_refusal() : backoff.next());
  }
}

MqttSource::Ending MqttSource::connect_and_stay(MqttClient& client) {
  subscribed_ = false;
  if (const auto readable = check_tls_files(options_); !readable) return {readable.error().what};
  const auto password = read_password(options_);
  if (!password) return {password.error().what};
  if (const auto started = client.connect(*password); !started)
    return {cannot_connect(url_, started.error().what)};

  const auto event = wait_event(Clock::now() + options_.connect_timeout);
  if (!event || event->kind != Kind::connected) return ended_by(event, "CONNACK");
  {
    const std::lock_guard lock(mutex_);
    ++shared_.connects;
  }
  return subscribe_and_stay(client);
}

MqttSource::Ending MqttSource::subscribe_and_stay(MqttClient& client) {
  for (;;) {
    if (const auto narrowed = take_narrowed(client); !narrowed)
      return {"cannot unsubscribe: " + narrowed.error().what};
    if (const auto started = client.subscribe(); !started)
      return {"cannot subscribe: " + started.error().what};
    const auto answer = wait_event(Clock::now() + options_.connect_timeout);
    if (!answer || answer->kind != Kind::subscribed) return ended_by(answer, "SUBACK");
    if (answer->codes.size() != options_.topics.size()) return {"the SUBACK does not fit the SUBSCRIBE"};

    const auto refused = refused_filters(options_, answer->codes);
    if (refused.count == options_.topics.size()) return {refused.text, true};
    report_subscribed(refused.text);
    // What was granted is read on. What was not is asked for again, now and then: an ACL may have changed.
    const auto until = refused.count == 0 ? Clock::time_point::max() : Clock::now() + options_.backoff_max;
    const auto event = wait_event(until, true);
    if (event || stopping()) return ended_by(event, "end");
  }
}

/// Takes over what `narrow` said, and ends the subscriptions that are no longer wanted.
Result<void> MqttSource::take_narrowed(MqttClient& client) {
  std::optional<std::vector<std::string>> wanted;
  {
    const std::lock_guard lock(mutex_);
    wanted.swap(narrowed_);
  }
  if (!wanted) return {};
  std::erase_if(options_.topics,
                [&](const std::string& topic) { return std::ranges::find(*wanted, topic) != wanted->end(); });
  options_.topics.swap(*wanted);
  return wanted->empty() || !subscribed_ ? Result<void>{} : client.unsubscribe(*wanted);
}

MqttSource::Ending MqttSource::ended_by(const std::optional<MqttEvent>& event,
                                        std::string_view waited_for) const {
  if (!event) {
    return {url_.text() + " sent no " + std::string(waited_for) + " within " +
            std::to_string(options_.connect_timeout.count()) + " s"};
  }
  switch (event->kind) {
    case Kind::refused:
      return {connack_text(options_, url_, event->codes.at(0)),
              is_lasting_refusal(options_.protocol, event->codes.at(0))};
    case Kind::closed:
      return {closed_text(options_, url_, event->codes)};
    case Kind::failed:
      return {cannot_connect(url_, event->text)};
    case Kind::connected:
    case Kind::subscribed:
      break;
  }
  return {url_.text() + " sent an answer that nobody asked for"};
}

void MqttSource::report_ending(const Ending& ending) {
  const std::lock_guard lock(mutex_);
  mailbox_.clear();
  shared_.up = false;
  shared_.state = ending.why;
  if (!subscribed_) ++shared_.failures;
}

void MqttSource::report_subscribed(const std::string& refused) {
  const std::lock_guard lock(mutex_);
  const bool alive = std::none_of(mailbox_.begin(), mailbox_.end(),
                                  [](const MqttEvent& event) { return event.kind == Kind::closed; });
  subscribed_ = true;
  if (refused.empty() && !shared_.up) ++shared_.resubscribes;
  shared_.up = refused.empty() && alive;
  shared_.state = refused.empty() ? subscribed_text(options_, url_) : refused;
}

}  // namespace

Result<std::unique_ptr<MqttSubscriber>> make_mqtt_source(const MqttOptions& options,
                                                         std::string_view /*place*/) {
  if (const auto valid = validate(options); !valid) return tl::make_unexpected(valid.error());
  return std::make_unique<MqttSource>(options, *parse_mqtt_url(options.url));
}

}  // namespace mre
