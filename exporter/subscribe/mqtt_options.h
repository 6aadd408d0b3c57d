// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "exporter/base/error.h"
#include "exporter/mqtt/reason_code.h"

namespace mre {

/// The configuration of an MQTT source, with its defaults.
struct MqttOptions {
  std::string url;  ///< mqtt://HOST[:1883] or mqtts://HOST[:8883], without credentials.
  mqtt::Protocol protocol = mqtt::Protocol::v5;  ///< v5 or v3_1_1.
  std::string client_id;  ///< Empty: "mqtt-reason-exporter-" and a random suffix, stored in the checkpoint.
  std::string username;
  std::string password_file;  ///< Read for every connection attempt, without its last line end.
  std::string password_env;   ///< Name of an environment variable; the alternative to password_file.

  std::string ca_file;    ///< PEM. Empty: the system's certificate authorities.
  std::string cert_file;  ///< PEM, client certificate chain; requires key_file.
  std::string key_file;   ///< PEM, without a pass phrase.
  bool verify_host_name =
      true;  ///< Whether the certificate must match the host. Its chain is always verified.

  std::vector<std::string>
      topics;  ///< Topic filters, not empty: the caller sets the profile's if none are configured.
  int qos = 1;
  /// How long the broker keeps the session and its messages while the exporter is disconnected. 0: it does
  /// not. MQTT 3.1.1 has no such limit: there the broker's configuration decides; see broker_session.h.
  std::chrono::seconds session_expiry{300};

  std::chrono::seconds keep_alive{30};  ///< A dead broker is detected after at most 2.5 times this.
  /// From the start of the attempt to the CONNACK, and from the SUBSCRIBE to the SUBACK.
  std::chrono::seconds connect_timeout{10};
  std::chrono::milliseconds backoff_min{1'000};
  std::chrono::milliseconds backoff_max{60'000};
  /// `status` is silent if no message has been received for this time since subscribing. 0: never.
  std::chrono::seconds silent_after{300};

  /// Larger messages are dropped. In MQTT 5.0 it is sent to the broker (section 3.1.2.11.4), and a packet that
  /// is longer than it and than 256 KiB ends the connection.
  std::uint32_t max_packet_bytes = 65'536;
  std::size_t queue_records = 65'536;
  /// Limit of the topics and payloads in the queue. In MQTT 3.1.1 also the limit of a packet (at least 256
  /// KiB), and of the messages of QoS 2 that a broker has not released.
  std::size_t queue_bytes = 16U << 20U;

  bool operator==(const MqttOptions&) const = default;
};

/// Validates the options. Does not check files, environment or network, which may change later.
/// Errors: invalid_config, which names the key.
Result<void> validate(const MqttOptions& options);

/// A warning if a password is sent to another machine without TLS; otherwise empty.
std::string plain_password_warning(const MqttOptions& options);

/// The password from the file or the environment; empty if neither is configured.
/// Errors: unavailable, also for a file that other users can read or change, or with several lines.
Result<std::string> read_password(const MqttOptions& options);

}  // namespace mre
