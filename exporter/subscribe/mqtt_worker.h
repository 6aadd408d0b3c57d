// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "exporter/base/backoff.h"
#include "exporter/base/bounded_queue.h"
#include "exporter/event/source_status.h"
#include "exporter/subscribe/mqtt_client.h"
#include "exporter/subscribe/mqtt_session.h"

namespace mre {

struct MqttMessage {
  std::string topic;
  std::string payload;
  bool retained;
  std::uint64_t number;  ///< Of the last one that was taken with it, in MqttTaken.
};
using MqttQueue = BoundedQueue<MqttMessage>;

/// Keeps a connection to the broker and its subscriptions, and puts what comes into a queue.
///
/// Three threads, three roles: the library's thread puts messages into the queue and answers into the
/// mailbox; the worker's own, which owns the client, reads the mailbox and goes round connect, subscribe,
/// stay, wait; the public functions are for any thread.
class MqttWorker final : private MqttObserver {
 public:
  /// `queue` must outlive the worker.
  MqttWorker(const MqttOptions& options, MqttUrl url, MqttSession session, MqttQueue& queue);
  ~MqttWorker() override;  ///< Stops.
  MqttWorker(const MqttWorker&) = delete;
  MqttWorker& operator=(const MqttWorker&) = delete;

  /// Ends the connection; the session stays. When this returns, nothing more comes into the queue. Only the
  /// thread that also destroys it.
  void stop();
  /// See MqttSubscriber::narrow.
  void narrow(std::vector<std::string> topics);

  /// To be kept for the next process, which makes the client id a lasting one. What was taken after the
  /// message with the number `handed_out` is left out: the next process has to take it.
  MqttSession save_session(std::uint64_t handed_out);
  SourceStatus status();  ///< All but what only the one who takes from the queue can know.

 private:
  using Clock = std::chrono::steady_clock;

  /// How a connection, or the attempt to have one, ended.
  struct Ending {
    /// What that says about the next attempt.
    enum class Cause : std::uint8_t {
      any,      ///< Nothing special.
      restart,  ///< The broker is going down, or the network: all its clients are thrown out now.
      silence,  ///< No answer came in time, or perhaps none to a ping.
      refusal,  ///< The broker said no, or somebody else wants our place: trying again soon does harm.
    };
    std::string why;
    Cause cause = Cause::any;
  };

  MqttSession session();
  void run();
  Ending connect_and_stay(MqttClient& client);
  Ending subscribe_and_stay(MqttClient& client);
  std::optional<MqttEvent> stay(Clock::time_point until);
  Result<void> take_narrowed(MqttClient& client);
  /// What `event`, which is not the one that was waited for, says about the connection. None: `waited_for`
  /// did not come.
  Ending ended_by(const std::optional<MqttEvent>& event, std::string_view waited_for);
  Ending closed_by(const MqttEvent& event);
  Ending flooded_by(const MqttEvent& event);
  Backoff::Delay delay_after(const Ending& ending);

  void report_connected(bool session_present, bool keep_session);
  void report_subscribed(const std::string& refused);
  void report_silence();
  void report_ending(const Ending& ending);

  /// The next event; nothing when the time is over, the worker is to stop, or, if that is `watched`, it is
  /// narrowed.
  std::optional<MqttEvent> wait_event(Clock::time_point deadline, bool narrowing_watched = false);
  /// Waits in vain for `delay`, unless the worker is to stop.
  void pause(Backoff::Delay delay);
  bool stopping();

  // On the library's thread.
  void on_event(MqttEvent event) override;
  void on_message(const MqttDelivery& message) override;
  void on_callback_failure() noexcept override;
  std::optional<std::uint64_t> take(const MqttDelivery& message);

  MqttOptions options_;  ///< Its topics are the worker's; all else stays as it is.
  const MqttUrl url_;
  MqttQueue& queue_;

  std::mutex mutex_;  ///< Guards the nine below.
  std::condition_variable changed_;
  std::deque<MqttEvent> mailbox_;  ///< Of the current connection.
  bool stopping_ = false;
  std::optional<std::vector<std::string>> narrowed_;  ///< To be taken by the worker.
  MqttSession session_;                               ///< Its client id stays as it is.
  SourceStatus status_;
  bool accepted_ = false;    ///< The CONNACK of this connection has come.
  bool unheard_ = true;      ///< Nothing has come on this connection.
  std::string heard_state_;  ///< The state, once something has come.

  std::atomic<Clock::rep> last_sign_{0};  ///< When the broker was last known to be there.

  // The worker's thread.
  Backoff backoff_;
  bool clean_start_ = false;        ///< Of the next connection, which gives up the session.
  bool subscribed_ = false;         ///< Whether this connection got at least one filter granted.
  bool ever_subscribed_ = false;    ///< Whether any did.
  unsigned short_connections_ = 0;  ///< In a row: granted, then closed without a word before backoff_max.
  Clock::time_point connected_{};
  std::thread thread_;  ///< Last: starts when all else is there.
};

}  // namespace mre
