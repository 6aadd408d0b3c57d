// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/mqtt_session.h"

#include <optional>
#include <random>
#include <utility>

#include "exporter/subscribe/mqtt_url.h"

namespace mre {
namespace {

constexpr std::uint64_t kSessionVersion = 2;
constexpr std::uint64_t kMostTopics = 65'536;

std::string random_client_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id = "mqtt-reason-exporter-";
  std::random_device random;
  for (int i = 0; i < 8; ++i) id += digits[random() % digits.size()];
  return id;
}

/// As it is written in a place: the same for all ways to write the URL.
std::string broker_of(const MqttOptions& options) {
  const auto url = parse_mqtt_url(options.url);
  return url ? url->text() : options.url;
}

std::optional<MqttSession> read(const MqttOptions& options, std::string_view place) {
  ByteReader in(place);
  if (in.number() != kSessionVersion || in.text() != broker_of(options) || in.text() != options.username)
    return {};
  MqttSession session;
  session.client_id = in.text();
  session.lasting_id = true;
  session.expected = in.flag();
  for (std::uint64_t left = in.number_up_to(kMostTopics); left > 0 && !in.failed(); --left)
    session.topics.emplace_back(in.text());
  session.taken = MqttTaken::load(in);
  if (!in.finished() || session.client_id.empty()) return {};
  return session;
}

}  // namespace

MqttSession MqttSession::resume(const MqttOptions& options, std::string_view place) {
  auto old = read(options, place);
  if (old && (options.client_id.empty() || options.client_id == old->client_id)) return std::move(*old);
  MqttSession session;
  session.lasting_id = !options.client_id.empty();
  session.client_id = session.lasting_id ? options.client_id : random_client_id();
  return session;
}

void MqttSession::save(const MqttOptions& options, ByteWriter& out) const {
  out.number(kSessionVersion);
  out.text(broker_of(options));
  out.text(options.username);
  out.text(client_id);
  out.flag(expected);
  out.number(topics.size());
  for (const std::string& topic : topics) out.text(topic);
  taken.save(out);
}

bool MqttSession::kept(const MqttOptions& options) const {
  if (options.session_expiry == std::chrono::seconds(0)) return false;
  return options.protocol == mqtt::Protocol::v5 || lasting_id;
}

}  // namespace mre
