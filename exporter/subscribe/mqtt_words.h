// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "exporter/base/error.h"
#include "exporter/subscribe/mqtt_options.h"
#include "exporter/subscribe/mqtt_url.h"

/// What the state line of an MQTT source says. The same cause has the same words each time: the feed logs
/// changes.
namespace mre {

std::string subscribed_text(const MqttOptions& options, const MqttUrl& url);
/// Nothing has come since the subscription.
std::string silent_text(const MqttOptions& options, const MqttUrl& url);
std::string stopped_text(const MqttUrl& url);
/// What is added to the text of an end: somebody else may be connected as we are.
std::string take_over_text(const std::string& client_id, bool certain);
/// `detail`: the client library's words.
std::string cannot_connect(const MqttUrl& url, std::string_view detail);
std::string connack_text(const MqttOptions& options, const MqttUrl& url, std::uint8_t code);
/// `codes`: the reason code of the DISCONNECT, or empty if there was none.
std::string closed_text(const MqttOptions& options, const MqttUrl& url, std::span<const std::uint8_t> codes);

/// Whether this CONNACK code tells of our identity rather than of the broker's condition: asking again soon
/// gets the same answer, and may lock the account.
bool is_lasting_refusal(mqtt::Protocol protocol, std::uint8_t code);

/// The filters that a SUBACK refuses. `codes` has one for each filter of the options.
struct RefusedFilters {
  std::size_t count = 0;
  std::string text;  ///< Empty if none is refused.
};
RefusedFilters refused_filters(const MqttOptions& options, std::span<const std::uint8_t> codes);

/// Whether the files for TLS can be read now; the library does not say which one it missed.
Result<void> check_tls_files(const MqttOptions& options);

}  // namespace mre
