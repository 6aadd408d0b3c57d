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

/// What a user says about an MQTT source. Every default is written here and nowhere else.
struct MqttOptions {
  std::string url;  ///< mqtt://HOST[:1883] or mqtts://HOST[:8883]; no credentials in it.
  mqtt::Protocol protocol = mqtt::Protocol::v5;  ///< v5 or v3_1_1.
  std::string client_id;  ///< Empty: "mqtt-reason-exporter-" and a random suffix, kept in the source's place.
  std::string username;
  std::string
      password_file;         ///< Read at every attempt to connect; one line end at its end is not part of it.
  std::string password_env;  ///< Name of an environment variable; the alternative to password_file.

  std::string ca_file;    ///< PEM. Empty: the system's certificate authorities.
  std::string cert_file;  ///< PEM, client certificate chain; goes with key_file.
  std::string key_file;   ///< PEM, without a pass phrase.
  bool verify_host_name =
      true;  ///< The certificate must also be for this host. Its chain is verified always.

  std::vector<std::string>
      topics;  ///< Topic filters. Empty is an error here: the caller puts the profile's in.
  int qos = 1;
  /// How long the broker keeps our session, and what it has for us, while we are away. 0: not at all. MQTT
  /// 3.1.1 cannot say how long: there it is for ever, or as the broker is configured, and see mqtt_session.h.
  std::chrono::seconds session_expiry{300};

  std::chrono::seconds keep_alive{30};  ///< A dead broker is noticed after at most 2.5 times this.
  std::chrono::seconds connect_timeout{
      10};  ///< From the start of the attempt to the CONNACK; again to the SUBACK.
  std::chrono::milliseconds backoff_min{1'000};
  std::chrono::milliseconds backoff_max{60'000};
  /// When nothing at all has come for so long since the subscription, `status` says so. 0: never.
  std::chrono::seconds silent_after{300};

  std::uint32_t max_packet_bytes =
      65'536;  ///< MQTT 5.0: told to the broker (3.1.2.11.4). Larger messages are dropped.
  std::size_t queue_records = 65'536;
  /// Of topics and payloads in the queue; besides, of one packet (1 MiB at least), and of the messages of QoS
  /// 2 that a broker of MQTT 3.1.1 has not released.
  std::size_t queue_bytes = 16U << 20U;

  bool operator==(const MqttOptions&) const = default;
};

/// Whether the options make sense, without looking at files, environment or network: those may come later.
/// The text names the key.
Result<void> validate(const MqttOptions& options);

/// A warning for the operator where a password goes to another machine without TLS, so that who is on the way
/// can read it; empty otherwise.
std::string plain_password_warning(const MqttOptions& options);

/// The password, from the file or the environment; empty if neither is given. A file that others may read or
/// change is refused, and one of several lines.
Result<std::string> read_password(const MqttOptions& options);

}  // namespace mre
