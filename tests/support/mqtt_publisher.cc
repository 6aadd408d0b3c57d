// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mqtt_publisher.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "tests/support/tcp.h"

namespace mre::test {
namespace {

constexpr std::uint64_t kBatch = 1'000;   // packet identifiers in flight
constexpr std::size_t kPubackBytes = 4;   // MQTT 3.1.1 section 3.4
constexpr std::size_t kConnackBytes = 4;  // section 3.2

std::string two_bytes(std::size_t value) {
  return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)};
}

std::string with_length(const std::string& text) { return two_bytes(text.size()) + text; }

std::string packet(unsigned first_byte, const std::string& rest) {
  std::string bytes(1, static_cast<char>(first_byte));
  std::size_t left = rest.size();
  do {
    bytes += static_cast<char>((left & 0x7FU) | (left > 0x7F ? 0x80U : 0U));
    left >>= 7U;
  } while (left > 0);
  return bytes + rest;
}

}  // namespace

MqttPublisher::MqttPublisher(std::uint16_t port) : socket_(tcp_socket()) {
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!connect_to(socket_, port)) throw std::runtime_error("the publisher finds no broker");
  // Section 3.1: clean session, no keep-alive, the broker chooses the client id.
  send(packet(0x10, with_length("MQTT") + std::string("\x04\x02", 2) + two_bytes(0) + with_length("")));
  expect(kConnackBytes);
}

void MqttPublisher::publish(const std::string& topic, std::uint64_t first, std::uint64_t count, bool retain) {
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t batch = std::min(kBatch, count - done);
    std::string bytes;
    for (std::uint64_t i = 0; i < batch; ++i) {
      bytes += packet(retain ? 0x33 : 0x32,
                      with_length(topic) + two_bytes(i + 1) + std::to_string(first + done + i));
    }
    send(bytes);
    expect(batch * kPubackBytes);
    done += batch;
  }
}

void MqttPublisher::send(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t part = ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (part <= 0) throw std::runtime_error("the broker does not read on");
    sent += static_cast<std::size_t>(part);
  }
}

void MqttPublisher::expect(std::size_t bytes) {
  std::vector<char> answer(bytes);
  if (::recv(socket_.get(), answer.data(), bytes, MSG_WAITALL) != static_cast<ssize_t>(bytes))
    throw std::runtime_error("the broker does not answer");
}

}  // namespace mre::test
