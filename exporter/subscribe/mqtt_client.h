// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/subscribe/mqtt_options.h"
#include "exporter/subscribe/mqtt_url.h"
#include "exporter/subscribe/receive_limit.h"

namespace mre {

/// What the broker, or the network, answered.
struct MqttEvent {
  enum class Kind : std::uint8_t {
    connected,   ///< CONNACK with success.
    refused,     ///< CONNACK with the code `codes[0]`.
    failed,      ///< CONNECT or SUBSCRIBE found no answer; `text` has the library's words.
    subscribed,  ///< SUBACK: one code for each topic filter, in their order.
    flooded,     ///< It sent more than may be held; `text` says what. The connection is over, or to be ended.
    closed,      ///< DISCONNECT with the code `codes[0]`, or, without a code, the connection is gone.
  };
  Kind kind;
  std::vector<std::uint8_t> codes = {};  ///< As on the wire.
  std::string text = {};
  bool session_present = false;  ///< Of `connected`: the broker has kept a session of this client id.
};

/// A PUBLISH. The views are valid during the call.
struct MqttDelivery {
  std::string_view topic;
  std::string_view payload;
  bool retained = false;
  std::uint16_t packet_id = 0;  ///< Of QoS 1 and 2.
  bool duplicate = false;       ///< DUP: the broker has sent it before. The library hides it at QoS 2.
};

/// Who is told. Called on the library's thread while it holds its locks: must return soon, and must not call
/// the client. What a call throws is swallowed.
class MqttObserver {
 public:
  virtual ~MqttObserver() = default;
  virtual void on_event(MqttEvent event) = 0;
  /// A message of QoS 1 is acknowledged after this returns, and only then.
  virtual void on_message(const MqttDelivery& message) = 0;
  /// A call above has thrown; a message may be lost.
  virtual void on_callback_failure() noexcept = 0;
};

/// A connection to a broker, over and over. The only place that knows the client library (Eclipse Paho).
///
/// The functions only start something; the answer comes as an event. Each `connect` is a new client for the
/// library, so that nothing late from the last connection can be taken for the next. One thread owns an
/// object of this class.
class MqttClient {
 public:
  /// All arguments must outlive the client. The topics of the options may change between two calls.
  MqttClient(MqttObserver& observer, const MqttOptions& options, const MqttUrl& url);
  /// Takes about a second at most, plus what the resolver needs if the broker's name is being looked up just
  /// then.
  ~MqttClient();
  MqttClient(const MqttClient&) = delete;
  MqttClient& operator=(const MqttClient&) = delete;

  /// `keep_session`: goes on with the broker's session of this client id, and has it kept afterwards.
  /// Otherwise a clean start.
  Result<void> connect(const std::string& client_id, const std::string& password, bool keep_session);
  /// All topic filters of the options; one event when all are answered. Only after `connect`.
  /// `retained_again`: also what the broker holds as retained for filters that it has already; MQTT 3.1.1
  /// always does so.
  Result<void> subscribe(bool retained_again);
  /// In one UNSUBSCRIBE, whose answer is of no interest: no event follows. Only after `connect`.
  Result<void> unsubscribe(const std::vector<std::string>& topics);
  /// Ends the connection, or the attempt, with a DISCONNECT where that is possible. No event follows.
  void close();

  /// Silence of a connection that `connect` made, after which it may have been ended for want of an answer to
  /// a ping. One that ended sooner was ended by the broker or by the network.
  static std::chrono::milliseconds shortest_ping_loss(const MqttOptions& options);

 private:
  class Connection;
  MqttObserver& observer_;
  const MqttOptions& options_;
  const MqttUrl& url_;
  const ReceiveLimit limit_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace mre
