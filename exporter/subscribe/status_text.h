// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "exporter/base/error.h"
#include "exporter/subscribe/broker_url.h"
#include "exporter/subscribe/mqtt_options.h"

/// The texts of the state of an MQTT source. The same cause always gives the same text, because the feed logs
/// changes.
namespace mre {

std::string subscribed_text(const MqttOptions& options, const BrokerUrl& url);
/// No message has been received since subscribing.
std::string silent_text(const MqttOptions& options, const BrokerUrl& url);
std::string stopped_text(const BrokerUrl& url);
/// Appended to the text of an end: another client may use our client id.
std::string take_over_text(const std::string& client_id, bool certain);
/// `detail` is the client library's message.
std::string cannot_connect(const BrokerUrl& url, std::string_view detail);
std::string connack_text(const MqttOptions& options, const BrokerUrl& url, std::uint8_t code);
/// `codes`: the reason code of the DISCONNECT; empty if there was none.
std::string closed_text(const MqttOptions& options, const BrokerUrl& url,
                        std::span<const std::uint8_t> codes);

/// Whether this CONNACK code is about our identity, not about the state of the broker: a quick retry gets the
/// same answer, and may lock the account.
bool is_lasting_refusal(mqtt::Protocol protocol, std::uint8_t code);

/// The filters that a SUBACK refuses. `codes` has one for each filter of the options.
struct RefusedFilters {
  std::size_t count = 0;
  std::string text;  ///< Empty if none is refused.
};
RefusedFilters refused_filters(const MqttOptions& options, std::span<const std::uint8_t> codes);

/// Whether the TLS files can be read. The library does not say which file it could not read.
Result<void> check_tls_files(const MqttOptions& options);

}  // namespace mre
