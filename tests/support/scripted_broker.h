// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "tests/support/tcp.h"

namespace mre::test {

/// A broker that answers as a script says, so also as no broker may. One connection at a time.
class ScriptedBroker {
 public:
  /// The bytes to send after one packet of the client (its fixed header is `packet[0]`); nothing: the broker
  /// closes the connection. Called on the broker's thread.
  using Script = std::function<std::optional<std::string>(std::string_view packet)>;

  explicit ScriptedBroker(Script script);
  ~ScriptedBroker();
  ScriptedBroker(const ScriptedBroker&) = delete;
  ScriptedBroker& operator=(const ScriptedBroker&) = delete;

  std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(listener_.port()); }

 private:
  void run();
  void serve(const Fd& client);

  const Script script_;
  TcpListener listener_;
  Fd wake_;  ///< An eventfd: written to when the broker ends.
  std::thread thread_;
};

/// How many bytes the control packet at the start of `bytes` has; nothing while its fixed header is
/// incomplete (MQTT 5.0 section 2.1).
std::optional<std::size_t> packet_bytes(std::string_view bytes);

/// `packet` with the packet identifier (bytes 2 and 3) of `request`.
std::string answer_to(std::string_view request, std::string packet);

}  // namespace mre::test
