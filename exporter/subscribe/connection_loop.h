// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "exporter/base/backoff.h"
#include "exporter/base/bounded_queue.h"
#include "exporter/base/guarded.h"
#include "exporter/event/source_status.h"
#include "exporter/subscribe/broker_session.h"
#include "exporter/subscribe/paho_client.h"

namespace mre {

struct QueuedMessage {
  std::string text;  ///< The topic, then the payload.
  std::size_t topic_bytes;
  bool retained;
  std::uint64_t number;  ///< RedeliveryFilter::count() after this message was added.
};
using MessageQueue = BoundedQueue<QueuedMessage>;

/// Keeps a connection to the broker and its subscriptions alive, and puts received messages into a queue.
///
/// Three groups of threads use it: the thread of the MQTT library pushes messages into the queue and events
/// into the mailbox; the loop's own thread owns the client, reads the mailbox, and repeats connect,
/// subscribe, wait for the end, pause; the public functions are called by any thread.
class ConnectionLoop final : private ClientObserver {
 public:
  /// `queue` must outlive this object.
  ConnectionLoop(const MqttOptions& options, BrokerUrl url, BrokerSession session, MessageQueue& queue);
  ~ConnectionLoop() override;  ///< Stops.
  ConnectionLoop(const ConnectionLoop&) = delete;
  ConnectionLoop& operator=(const ConnectionLoop&) = delete;

  /// Ends the connection, but not the broker's session. Afterwards no messages enter the queue. Only for the
  /// thread that destroys this object.
  void stop();
  /// See Source::narrow.
  void narrow(std::vector<std::string> topics);

  /// The session for the next process; from now on the client id counts as permanent. Messages after the one
  /// with the number `handed_out` are not part of it, so that the next process receives them again.
  BrokerSession save_session(std::uint64_t handed_out);
  SourceStatus status();  ///< Without the counters of the reader of the queue.

 private:
  using Clock = std::chrono::steady_clock;

  /// Why a connection, or the attempt to connect, ended.
  struct End {
    /// Decides the delay before the next attempt.
    enum class Cause : std::uint8_t {
      other,
      restart,  ///< The broker or the network is going down: all clients are disconnected at the same time.
      silence,  ///< An answer, or perhaps the answer to a ping, did not arrive in time.
      refusal,  ///< The broker refuses, or another client uses the client id: a quick retry does harm.
    };
    std::string why;
    Cause cause = Cause::other;
  };

  /// What the threads share.
  struct Shared {
    BrokerSession session;  ///< The client id never changes.
    SourceStatus status;
    std::deque<BrokerEvent> mailbox = {};  ///< Events of the current connection.
    bool stopping = false;
    std::optional<std::vector<std::string>> narrowed = {};  ///< Set by `narrow` until the loop applies it.
    bool connected = false;                                 ///< This connection has got its CONNACK.
    bool received_any = false;                              ///< This connection has received a message.
    std::string receiving_state = {};  ///< The state as soon as a message has been received.
  };

  BrokerSession session();
  void run();
  End connect(PahoClient& client);
  End subscribe(PahoClient& client);
  std::optional<BrokerEvent> wait_for_end(Clock::time_point until);
  Result<void> apply_narrowed(PahoClient& client);
  /// The end that `event` means, which is not the awaited answer. No event: `awaited` did not arrive in time.
  End end_after(const std::optional<BrokerEvent>& event, std::string_view awaited);
  End closed_by(const BrokerEvent& event);
  End flooded_by(const BrokerEvent& event);
  Backoff::Delay delay_after(const End& end);

  void report_connected(bool session_present, bool keep_session);
  void report_subscribed(const std::string& refused);
  void report_silence();
  void report_end(const End& end);

  /// Which calls end a wait besides an event and `stop`.
  enum class WakeOn : std::uint8_t { stop, narrow };
  /// The next event; nothing at the deadline, or if the loop was woken.
  std::optional<BrokerEvent> wait_event(Clock::time_point deadline, WakeOn wake = WakeOn::stop);
  /// Waits for `delay`, or until the loop is to stop.
  void pause(Backoff::Delay delay);
  bool stopping();

  // On the library's thread.
  void on_event(BrokerEvent event) override;
  void on_message(const ReceivedMessage& message) override;
  void on_callback_failure() noexcept override;
  std::optional<std::uint64_t> accept(const ReceivedMessage& message);

  MqttOptions options_;  ///< The topics belong to the loop's thread; the rest never changes.
  const BrokerUrl url_;
  MessageQueue& queue_;
  Guarded<Shared> shared_;
  std::atomic<Clock::rep> last_received_{0};  ///< When the broker last sent something.

  // For the loop's thread only.
  Backoff backoff_;
  bool clean_start_ = false;      ///< The next connection discards the session.
  bool subscribed_ = false;       ///< This connection was granted at least one filter.
  bool ever_subscribed_ = false;  ///< Any connection was.
  unsigned short_connections_ =
      0;  ///< Consecutive ones that were granted and then closed before backoff_max.
  Clock::time_point connected_at_{};
  std::thread thread_;  ///< Last, because it uses all other members.
};

}  // namespace mre
