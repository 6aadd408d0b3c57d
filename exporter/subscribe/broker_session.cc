// SPDX-License-Identifier: Apache-2.0
#include "exporter/subscribe/broker_session.h"

#include <optional>
#include <random>
#include <utility>

#include "exporter/subscribe/broker_url.h"

namespace mre {
namespace {

constexpr std::uint64_t kSessionVersion = 2;
constexpr std::uint64_t kMaxTopics = 65'536;

std::string random_client_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string id = "mqtt-reason-exporter-";
  std::random_device random;
  for (int i = 0; i < 8; ++i) id += digits[random() % digits.size()];
  return id;
}

/// The broker as it is saved: the same for all spellings of the URL.
std::string broker_of(const MqttOptions& options) {
  const auto url = parse_broker_url(options.url);
  return url ? url->text() : options.url;
}

std::optional<BrokerSession> read(const MqttOptions& options, std::string_view saved) {
  ByteReader in(saved);
  if (in.number() != kSessionVersion || in.text() != broker_of(options) || in.text() != options.username)
    return {};
  BrokerSession session;
  session.client_id = in.text();
  session.permanent_id = true;
  session.expected = in.flag();
  for (std::uint64_t left = in.number_up_to(kMaxTopics); left > 0 && !in.failed(); --left)
    session.topics.emplace_back(in.text());
  session.filter = RedeliveryFilter::load(in);
  if (!in.finished() || session.client_id.empty()) return {};
  return session;
}

}  // namespace

BrokerSession BrokerSession::resume(const MqttOptions& options, std::string_view saved) {
  auto old = read(options, saved);
  if (old && (options.client_id.empty() || options.client_id == old->client_id)) return std::move(*old);
  BrokerSession session;
  session.permanent_id = !options.client_id.empty();
  session.client_id = session.permanent_id ? options.client_id : random_client_id();
  return session;
}

void BrokerSession::save(const MqttOptions& options, ByteWriter& out) const {
  out.number(kSessionVersion);
  out.text(broker_of(options));
  out.text(options.username);
  out.text(client_id);
  out.flag(expected);
  out.number(topics.size());
  for (const std::string& topic : topics) out.text(topic);
  filter.save(out);
}

bool BrokerSession::is_kept(const MqttOptions& options) const {
  if (options.session_expiry == std::chrono::seconds(0)) return false;
  return options.protocol == mqtt::Protocol::v5 || permanent_id;
}

}  // namespace mre
