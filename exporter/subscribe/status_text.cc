// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/status_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "exporter/base/fd.h"
#include "exporter/base/secret_file.h"
#include "exporter/base/text.h"

namespace mre {
namespace {

/// "Not authorized (0x87)".
std::string code_text(mqtt::Protocol protocol, mqtt::Packet packet, std::uint8_t code) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const std::string hex = {'0', 'x', digits[code >> 4U], digits[code & 0x0FU]};
  const mqtt::Reason* reason = mqtt::find(protocol, packet, code);
  return reason == nullptr ? "unknown code " + hex : std::string(reason->name) + " (" + hex + ")";
}

}  // namespace

std::string subscribed_text(const MqttOptions& options, const BrokerUrl& url) {
  const std::size_t count = options.topics.size();
  return "subscribed to " + std::to_string(count) + (count == 1 ? " topic filter" : " topic filters") +
         " at " + url.text() + " with MQTT " + std::string(mqtt::to_string(options.protocol));
}

std::string silent_text(const MqttOptions& options, const BrokerUrl& url) {
  constexpr std::size_t kMaxNamed = 3;
  std::string topics;
  for (std::size_t i = 0; i < std::min(options.topics.size(), kMaxNamed); ++i)
    topics += (i == 0 ? "" : ", ") + printable(options.topics[i]);
  if (options.topics.size() > kMaxNamed)
    topics += " and " + std::to_string(options.topics.size() - kMaxNamed) + " more";
  return subscribed_text(options, url) + ", but no message has arrived on " + topics +
         " since subscribing; a possible cause is an ACL that denies reading";
}

std::string stopped_text(const BrokerUrl& url) { return "disconnected from " + url.text(); }

std::string take_over_text(const std::string& client_id, bool certain) {
  if (certain)
    return "; another client uses the client id " + printable(client_id) + ": give each client its own";
  return ", again soon after it accepted the connection: perhaps another client uses the client id " +
         printable(client_id);
}

/// Whether the process has no free file descriptor: Paho does not report why it got no socket.
static bool out_of_descriptors() {
  const int copy = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
  if (copy == -1) return errno == EMFILE;
  ::close(copy);
  return false;
}

std::string cannot_connect(const BrokerUrl& url, std::string_view detail) {
  if (out_of_descriptors()) {
    return "cannot connect to " + url.text() + ": too many open files: raise the limit of open files";
  }
  return "cannot connect to " + url.text() +
         (url.tls ? ": no connection, or the TLS handshake failed (check port, CA, date and host name of the "
                    "certificate, client certificate)"
                  : ": no answer, or not an MQTT broker") +
         " (MQTT library: " + printable(detail) + ")";
}

std::string connack_text(const MqttOptions& options, const BrokerUrl& url, std::uint8_t code) {
  return url.text() + " refused the connection: " + code_text(options.protocol, mqtt::Packet::connack, code);
}

std::string closed_text(const MqttOptions& options, const BrokerUrl& url,
                        std::span<const std::uint8_t> codes) {
  if (codes.empty()) return url.text() + " closed the connection, or it was lost";
  return url.text() +
         " ended the connection: " + code_text(options.protocol, mqtt::Packet::disconnect, codes[0]);
}

bool is_lasting_refusal(mqtt::Protocol protocol, std::uint8_t code) {
  switch (code) {
    case 0x01:  // MQTT 3.1.1 section 3.2.2.3: protocol version, identifier, user name or password, not
                // authorized
    case 0x02:
    case 0x04:
    case 0x05:
      return protocol != mqtt::Protocol::v5;
    case 0x84:  // MQTT 5.0 section 3.2.2.2: the same, banned, authentication method
    case 0x85:
    case 0x86:
    case 0x87:
    case 0x8A:
    case 0x8C:
      return protocol == mqtt::Protocol::v5;
    default:
      return false;
  }
}

RefusedFilters refused_filters(const MqttOptions& options, std::span<const std::uint8_t> codes) {
  RefusedFilters refused;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] < 0x80) continue;
    refused.text += (refused.count++ == 0 ? "the broker refused the subscription to " : ", ") +
                    printable(options.topics[i]) + ": " +
                    code_text(options.protocol, mqtt::Packet::suback, codes[i]);
  }
  return refused;
}

Result<void> check_tls_files(const MqttOptions& options) {
  const std::array<std::pair<std::string_view, const std::string*>, 3> files = {
      {{"ca_file", &options.ca_file}, {"cert_file", &options.cert_file}, {"key_file", &options.key_file}}};
  for (const auto& [key, file] : files) {
    // access(2) disregards CAP_DAC_READ_SEARCH of a user other than root.
    if (file->empty() || Fd(::open(file->c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))) continue;
    return fail(Errc::unavailable, std::string(key) + " " + printable(*file) + ": " + std::strerror(errno));
  }
  struct stat key{};
  if (options.key_file.empty() || ::stat(options.key_file.c_str(), &key) != 0) return {};
  if (const std::string fault = secret_file_fault(key); !fault.empty())
    return fail(Errc::unavailable, "key_file " + printable(options.key_file) + ": " + fault);
  return {};
}

}  // namespace mre
