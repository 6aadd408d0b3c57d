// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/mosquitto_log.h"

namespace mre {
namespace {

constexpr std::uint32_t kClients = 2000;
constexpr std::uint64_t kLinesPerSecond = 2000;
constexpr std::size_t kBufferBytes = 1U << 20U;

template <class... Args>
std::string text(const char* format, Args... args) {
  std::array<char, 512> out{};
  const int length = std::snprintf(out.data(), out.size(), format, args...);
  return {out.data(), static_cast<std::size_t>(length)};
}

}  // namespace

MosquittoLog::MosquittoLog(std::FILE* file, std::uint64_t bytes) : file_(file) {
  buffer_.reserve(kBufferBytes);
  line("%s", "mosquitto version 2.0.11 starting");
  for (Client& service : services_) {
    connect(service);
    subscribe(service);
  }
  // 45 % are MQTT 5: some of each of the five forms of ids.
  for (std::uint32_t i = 0; i < kClients; ++i) clients_.push_back({id_of(i), i % 20 < 9});
  while (bytes_ < bytes) something();
  flush();
}

std::string MosquittoLog::id_of(std::uint32_t number) {
  const std::uint32_t mixed = number * 2654435761U;  // odd: no two are the same
  switch (number % 5) {
    case 0:
      return text("sensor-%05u", number);
    case 1:
      return text("mqttjs_%08x", mixed);
    case 2:
      return text("ESP32_A4CF%08X", mixed);
    case 3:
      return text("gw/site-%u/unit_%u", number % 97, number);
    default:
      return text("auto-%08X-%04X-4A5B-8C6D-%012u", mixed, number & 0xFFFFU, number);
  }
}

template <class... Args>
void MosquittoLog::line(const char* format, Args... args) {
  const std::size_t before = buffer_.size();
  buffer_ += std::to_string(1795322238 + lines_ / kLinesPerSecond);
  buffer_ += ": ";
  buffer_ += text(format, args...);
  buffer_ += '\n';
  bytes_ += buffer_.size() - before;
  ++lines_;
  if (buffer_.size() > kBufferBytes - 1024) flush();
}

void MosquittoLog::flush() {
  std::fwrite(buffer_.data(), 1, buffer_.size(), file_);
  buffer_.clear();
}

/// A line with a code was written. Only MQTT 5 has codes in the answers to PUBLISH.
void MosquittoLog::code(const char* packet, const char* direction, const Client& client, unsigned code) {
  ++codes_in_lines_[text("%s %s %u", packet, direction, code)];
  if (client.v5) ++happened_[text("%s %s 5.0 0x%02X", packet, direction, code)];
}

void MosquittoLog::something() {
  Client& client = clients_[below(kClients)];
  if (!client.connected) return connect(client);
  const unsigned what = below(1000);
  if (what < 2) {
    refuse();
  } else if (what < 18) {
    deny(client);
  } else if (what < 41) {
    subscribe(client);
  } else if (what < 76) {
    ping(client);
  } else if (what < 111) {
    end(client);
  } else {
    publish(client);
  }
}

void MosquittoLog::connect(Client& client) {
  const unsigned port = 32768 + below(28000);
  line("New connection from 10.0.7.9:%u on port 1883.", port);
  line("New client connected from 10.0.7.9:%u as %s (p%d, c1, k60, u'fleet').", port, client.id.c_str(),
       client.v5 ? 5 : 2);
  line("%s", "No will message specified.");
  line("Sending CONNACK to %s (0, 0)", client.id.c_str());
  ++codes_in_lines_["CONNACK sent 0"];
  ++happened_[client.v5 ? "CONNACK sent 5.0 0x00" : "CONNACK sent 3.1.1 0x00"];
  client.connected = true;
}

void MosquittoLog::refuse() {
  const bool v5 = one_in(2);
  line("New connection from 10.0.7.9:%u on port 1883.", 32768 + below(28000));
  line("Sending CONNACK to 10.0.7.9 (0, %d)", v5 ? 135 : 5);
  line("%s", "Client <unknown> disconnected, not authorised.");
  ++codes_in_lines_[v5 ? "CONNACK sent 135" : "CONNACK sent 5"];
  ++happened_[v5 ? "CONNACK sent 5.0 0x87" : "CONNACK sent unknown 0x05"];
}

void MosquittoLog::subscribe(const Client& client) {
  const char* const id = client.id.c_str();
  line("Received SUBSCRIBE from %s", id);
  line("\tcmd/%s/# (QoS 1)", id);
  line("%s 1 cmd/%s/#", id, id);
  line("Sending SUBACK to %s", id);
  ++happened_[client.v5 ? "SUBACK sent 5.0 0x01" : "SUBACK sent 3.1.1 0x01"];
}

void MosquittoLog::end(Client& client) {
  const char* const id = client.id.c_str();
  const std::string version = client.v5 ? "5.0" : "3.1.1";
  client.connected = false;
  if (one_in(10)) {
    line("Client %s closed its connection.", id);
    ++happened_["close " + version + " connection_closed client"];
  } else if (one_in(20)) {
    line("Client %s has exceeded timeout, disconnecting.", id);
    ++happened_["close " + version + " keep_alive_timeout broker"];
  } else {
    line("Received DISCONNECT from %s", id);
    line("Client %s disconnected.", id);
    if (!client.v5) ++happened_["close 3.1.1 normal_disconnection client"];
  }
}

void MosquittoLog::ping(const Client& client) {
  line("Received PINGREQ from %s", client.id.c_str());
  line("Sending PINGRESP to %s", client.id.c_str());
}

void MosquittoLog::publish(const Client& client) {
  const char* const id = client.id.c_str();
  const unsigned share = below(100);
  const unsigned qos = share < 50 ? 0 : share < 92 ? 1 : 2;
  const unsigned mid = qos == 0 ? 0 : 1 + below(65535);
  const unsigned size = 20 + below(300);
  const std::string topic = "devices/" + client.id + (one_in(3) ? "/state" : "/tele");
  const bool wanted = below(100) < 72;
  line("Received PUBLISH from %s (d0, q%u, r0, m%u, '%s', ... (%u bytes))", id, qos, mid, topic.c_str(),
       size);
  if (wanted) forward(topic, qos, size);
  if (qos == 1) {
    const unsigned reason = wanted || !client.v5 ? 0 : 16;
    line("Sending PUBACK to %s (m%u, rc%u)", id, mid, reason);
    code("PUBACK", "sent", client, reason);
  }
  if (qos == 2) {
    line("Sending PUBREC to %s (m%u, rc0)", id, mid);
    code("PUBREC", "sent", client, 0);
    line("Received PUBREL from %s (Mid: %u)", id, mid);
    line("Sending PUBCOMP to %s (m%u)", id, mid);
  }
  if (wanted && qos > 0) {
    line("Received PUBACK from %s (Mid: %u, RC:0)", services_[0].id.c_str(), packet_id_);
    code("PUBACK", "received", services_[0], 0);
  }
}

/// To the service that asked for QoS 1, and to the one that asked for QoS 0.
void MosquittoLog::forward(const std::string& topic, unsigned qos, unsigned size) {
  if (qos > 0) packet_id_ = packet_id_ % 65535 + 1;
  line("Sending PUBLISH to %s (d0, q%u, r0, m%u, '%s', ... (%u bytes))", services_[0].id.c_str(),
       qos > 0 ? 1U : 0U, qos > 0 ? packet_id_ : 0U, topic.c_str(), size);
  line("Sending PUBLISH to %s (d0, q0, r0, m0, '%s', ... (%u bytes))", services_[1].id.c_str(), topic.c_str(),
       size);
}

void MosquittoLog::deny(const Client& client) {
  const unsigned mid = 1 + below(65535);
  line("Denied PUBLISH from %s (d0, q1, r0, m%u, 'forbidden/%s', ... (24 bytes))", client.id.c_str(), mid,
       client.id.c_str());
  line("Sending PUBACK to %s (m%u, rc135)", client.id.c_str(), mid);
  code("PUBACK", "sent", client, 135);
}

}  // namespace mre
