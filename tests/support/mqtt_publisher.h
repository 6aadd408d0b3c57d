// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "exporter/base/fd.h"

namespace mre::test {

/// Publishes many small messages fast, over one connection with MQTT 3.1.1. Everything throws on failure.
class MqttPublisher {
 public:
  explicit MqttPublisher(std::uint16_t port);

  /// `count` messages of QoS 1 with the payloads `first`, `first + 1`, … in decimal. Returns when the broker
  /// has acknowledged them all.
  void publish(const std::string& topic, std::uint64_t first, std::uint64_t count, bool retain = false);

 private:
  void send(const std::string& bytes);
  void expect(std::size_t bytes);

  Fd socket_;
};

}  // namespace mre::test
