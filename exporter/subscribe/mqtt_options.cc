// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/mqtt_options.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <string_view>

#include "exporter/base/text.h"
#include "exporter/subscribe/broker_url.h"

namespace mre {
namespace {

constexpr std::size_t kMaxString = 65'535;  // MQTT 5.0 section 1.5.4
constexpr std::uint32_t kMaxPacketBytes =
    268'435'460;  // section 2.1.4: the largest remaining length and its header
constexpr std::uint32_t kSmallestPacketBytes =
    256;  // A smaller limit would exclude the reason strings of the broker.
constexpr std::size_t kMaxQueueRecords = 1U << 24U;
constexpr std::size_t kMaxQueueBytes = 1U << 30U;
constexpr std::chrono::seconds kMaxKeepAlive{65'535};  // section 3.1.2.10
constexpr std::chrono::seconds kMaxConnectTimeout{300};
constexpr std::chrono::seconds kMaxSessionExpiry{2'147'483'647};  // the limit of the library's property

tl::unexpected<Error> bad(std::string what) { return fail(Errc::invalid_config, std::move(what)); }

/// Section 1.5.4: UTF-8 without U+0000, and without control characters, which brokers may refuse.
bool is_mqtt_string(std::string_view text) {
  const auto control = [](char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; };
  return text.size() <= kMaxString && is_utf8(text) && std::none_of(text.begin(), text.end(), control);
}

/// Why `filter` is not a topic filter (section 4.7.1); empty if it is one.
std::string_view filter_fault(std::string_view filter) {
  if (filter.empty()) return "it is empty";
  if (!is_mqtt_string(filter)) return "it is not UTF-8, contains a control character or is too long";
  for (std::size_t begin = 0; begin <= filter.size();) {
    const std::size_t end = std::min(filter.find('/', begin), filter.size());
    const std::string_view level = filter.substr(begin, end - begin);
    if (level.size() > 1 && level.find_first_of("+#") != std::string_view::npos) {
      return "a wildcard must be the only character of its level";
    }
    if (level == "#" && end != filter.size()) return "# must be the last level";
    begin = end + 1;
  }
  return {};
}

Result<void> check_topic(std::string_view topic) {
  std::string_view filter = topic;
  constexpr std::string_view share = "$share/";  // section 4.8.2: $share/NAME/FILTER
  if (topic.starts_with(share)) {
    const std::size_t slash = topic.find('/', share.size());
    const std::string_view name = topic.substr(share.size(), slash - share.size());
    if (slash == std::string_view::npos || name.empty() ||
        name.find_first_of("+#") != std::string_view::npos) {
      return bad("topics: \"" + printable(topic) +
                 "\" is not a valid shared subscription: use $share/NAME/FILTER");
    }
    filter = topic.substr(slash + 1);
  }
  if (const std::string_view fault = filter_fault(filter); !fault.empty()) {
    return bad("topics: \"" + printable(topic) + "\" is not a valid topic filter: " + std::string(fault));
  }
  if (filter == "#" || filter == "+/#") {
    return bad("topics: \"" + printable(topic) +
               "\" matches every message of the broker: list the event topics");
  }
  return {};
}

Result<void> check_identity(const MqttOptions& o) {
  if (o.protocol != mqtt::Protocol::v5 && o.protocol != mqtt::Protocol::v3_1_1) {
    return bad("protocol: use \"5.0\" or \"3.1.1\"");
  }
  if (!is_mqtt_string(o.client_id))
    return bad("client_id: not UTF-8, contains a control character or is too long");
  if (!is_mqtt_string(o.username))
    return bad("username: not UTF-8, contains a control character or is too long");
  if (!o.password_file.empty() && !o.password_env.empty()) {
    return bad("password_file and password_env are both set: remove one");
  }
  const bool password = !o.password_file.empty() || !o.password_env.empty();
  if (password && o.username.empty() && o.protocol != mqtt::Protocol::v5) {
    return bad("username: MQTT 3.1.1 does not allow a password without a user name");
  }
  return {};
}

Result<void> check_tls(const MqttOptions& o, const BrokerUrl& url) {
  if (o.cert_file.empty() != o.key_file.empty()) return bad("cert_file and key_file must be set together");
  if (!url.tls && (!o.ca_file.empty() || !o.cert_file.empty() || !o.verify_host_name)) {
    return bad("ca_file, cert_file, key_file and verify_host_name require an mqtts:// URL");
  }
  return {};
}

Result<void> check_limits(const MqttOptions& o) {
  if (o.qos < 0 || o.qos > 2) return bad("qos must be 0, 1 or 2");
  if (o.session_expiry < std::chrono::seconds(0) || o.session_expiry > kMaxSessionExpiry)
    return bad("session_expiry must be from 0s (no session is kept) to 2147483647s");
  if (o.qos == 2 && o.protocol != mqtt::Protocol::v5 && o.session_expiry > std::chrono::seconds(0)) {
    return bad("qos: 2 can lose messages of a kept session in MQTT 3.1.1: use 1, or session_expiry: 0s");
  }
  if (o.silent_after < std::chrono::seconds(0)) return bad("silent_after must be at least 0s (never)");
  if (o.keep_alive < std::chrono::seconds(1) || o.keep_alive > kMaxKeepAlive)
    return bad("keep_alive must be from 1s to 65535s");
  if (o.connect_timeout < std::chrono::seconds(1) || o.connect_timeout > kMaxConnectTimeout) {
    return bad("connect_timeout must be from 1s to 300s");
  }
  if (o.backoff_min <= std::chrono::milliseconds(0) || o.backoff_max < o.backoff_min) {
    return bad("backoff_min must be above 0, and backoff_max at least backoff_min");
  }
  if (o.max_packet_bytes < kSmallestPacketBytes || o.max_packet_bytes > kMaxPacketBytes) {
    return bad("max_packet_bytes must be from 256 to 268435460");
  }
  if (o.queue_records == 0 || o.queue_records > kMaxQueueRecords)
    return bad("queue_records must be from 1 to 16777216");
  if (o.queue_bytes < o.max_packet_bytes || o.queue_bytes > kMaxQueueBytes)
    return bad("queue_bytes must be from max_packet_bytes to 1073741824");
  return {};
}

bool is_loopback(std::string host) {
  host = lower_case(host);
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127;
  if (::inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    if (IN6_IS_ADDR_LOOPBACK(&v6)) return true;
    return IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127;
  }
  return host == "localhost" || host.ends_with(".localhost");  // RFC 6761 section 6.3
}

}  // namespace

std::string plain_password_warning(const MqttOptions& options) {
  const auto url = parse_broker_url(options.url);
  const bool has_password = !options.password_file.empty() || !options.password_env.empty();
  if (!url || url->tls || !has_password || is_loopback(url->host)) return {};
  return "the password is sent to " + url->text() +
         " without TLS, so anyone on the network path can read it: use mqtts://, or restrict this user to "
         "subscribing to the event topics";
}

Result<void> validate(const MqttOptions& options) {
  const auto url = parse_broker_url(options.url);
  if (!url) return bad("url: " + url.error().what);
  if (auto result = check_identity(options); !result) return result;
  if (auto result = check_tls(options, *url); !result) return result;
  if (options.topics.empty()) return bad("topics is empty, and the profile has none");
  for (const std::string& topic : options.topics) {
    if (auto result = check_topic(topic); !result) return result;
  }
  return check_limits(options);
}

}  // namespace mre
