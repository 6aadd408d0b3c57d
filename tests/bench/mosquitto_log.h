// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "tests/bench/measured.h"

namespace mre {

/// Writes the log that Mosquitto 2.0 writes at `log_type all` about a fleet: 2,000 devices with ids of five
/// usual forms, 55 % of them MQTT 3.1.1, two services that subscribe to what they publish. The shares of the
/// lines are those of a real fleet's log (Sending PUBLISH 38 %, Received PUBLISH 26 %, PUBACK 20 %, 0.4 %
/// errors, 101 bytes a line). It counts what went over the wire. The same size always gives the same log.
class MosquittoLog {
 public:
  /// Writes at least `bytes` to `file`.
  MosquittoLog(std::FILE* file, std::uint64_t bytes);

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t lines() const { return lines_; }

  /// What went over the wire, as far as the log can show it.
  const Happened& happened() const { return happened_; }
  /// The codes in the lines, whatever the client's version: "PUBACK sent 135".
  const Happened& codes_in_lines() const { return codes_in_lines_; }

 private:
  struct Client {
    std::string id;
    bool v5;
    bool connected = false;
  };

  static std::string id_of(std::uint32_t number);
  unsigned below(unsigned end) { return static_cast<unsigned>(random_() % end); }
  bool one_in(unsigned chances) { return below(chances) == 0; }
  template <class... Args>
  void line(const char* format, Args... args);
  void code(const char* packet, const char* direction, const Client& client, unsigned code);
  void flush();

  void something();
  void connect(Client& client);
  void refuse();
  void subscribe(const Client& client);
  void end(Client& client);
  void ping(const Client& client);
  void publish(const Client& client);
  void deny(const Client& client);
  void forward(const std::string& topic, unsigned qos, unsigned size);

  std::FILE* const file_;
  std::mt19937 random_{1};
  std::vector<Client> clients_;
  std::array<Client, 2> services_{Client{"svc-ingest-0", true}, Client{"svc-ingest-1", true}};
  unsigned packet_id_ = 0;
  std::string buffer_;
  std::uint64_t bytes_ = 0;
  std::uint64_t lines_ = 0;
  Happened happened_;
  Happened codes_in_lines_;
};

}  // namespace mre
