// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/subscribe/broker_url.h"
#include "exporter/subscribe/mqtt_options.h"
#include "exporter/subscribe/receive_limit.h"

namespace mre {

/// An answer of the broker, or a change of the connection.
struct BrokerEvent {
  enum class Kind : std::uint8_t {
    connected,   ///< CONNACK with success.
    refused,     ///< CONNACK with the code `codes[0]`.
    failed,      ///< No answer to CONNECT or SUBSCRIBE; `text` is the library's message.
    subscribed,  ///< SUBACK: one code for each topic filter, in their order.
    flooded,  ///< The broker exceeded a limit, named by `text`. The connection has ended, or must be ended.
    closed,   ///< DISCONNECT with the code `codes[0]`; without a code, the connection was lost.
  };
  Kind kind;
  std::vector<std::uint8_t> codes = {};  ///< As on the wire.
  std::string text = {};
  bool session_present = false;  ///< For `connected`: the broker has kept a session of this client id.
};

/// A PUBLISH. The views are valid during the call.
struct ReceivedMessage {
  std::string_view topic;
  std::string_view payload;
  bool retained = false;
  std::uint16_t packet_id = 0;  ///< With QoS 1 and 2.
  bool duplicate = false;       ///< The DUP flag, which the library hides at QoS 2.
};

/// Receives the events of a client. Called on the library's thread while it holds its mutexes: a call must
/// return quickly and must not call the client. Exceptions are caught.
class ClientObserver {
 public:
  virtual ~ClientObserver() = default;
  virtual void on_event(BrokerEvent event) = 0;
  /// A message of QoS 1 is acknowledged after this returns, not before.
  virtual void on_message(const ReceivedMessage& message) = 0;
  /// A call above has thrown; a message may be lost.
  virtual void on_callback_failure() noexcept = 0;
};

/// An MQTT client that can connect repeatedly. The only class that uses the client library (Eclipse Paho).
///
/// The functions only start an action; the answer is an event. Each `connect` creates a new client of the
/// library, so that late callbacks of the last connection cannot be mistaken for the new one's. Owned by one
/// thread.
class PahoClient {
 public:
  /// All arguments must outlive the client. The topics of the options may change between two calls.
  PahoClient(ClientObserver& observer, const MqttOptions& options, const BrokerUrl& url);
  /// Takes at most about a second, and longer while the name of the broker is being resolved.
  ~PahoClient();
  PahoClient(const PahoClient&) = delete;
  PahoClient& operator=(const PahoClient&) = delete;

  /// `keep_session`: resumes the broker's session of this client id, and asks the broker to keep it
  /// afterwards. Otherwise makes a clean start.
  Result<void> connect(const std::string& client_id, const std::string& password, bool keep_session);
  /// Subscribes to all topic filters of the options; one event follows when all are answered. Only after
  /// `connect`. `retained_again`: also requests the retained messages of filters that are subscribed already;
  /// MQTT 3.1.1 always sends them.
  Result<void> subscribe(bool retained_again);
  /// Sends one UNSUBSCRIBE. No event follows. Only after `connect`.
  Result<void> unsubscribe(const std::vector<std::string>& topics);
  /// Ends the connection or the attempt, if possible with a DISCONNECT. No event follows.
  void close();

  /// The shortest silence after which the library may have ended a connection because of an unanswered ping.
  /// An earlier end comes from the broker or the network.
  static std::chrono::milliseconds shortest_ping_loss(const MqttOptions& options);

 private:
  class Connection;
  ClientObserver& observer_;
  const MqttOptions& options_;
  const BrokerUrl& url_;
  const ReceiveLimit limit_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace mre
