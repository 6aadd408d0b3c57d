// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/capture_writer.h"
#include "tests/bench/measured.h"

namespace mre {

/// Writes the capture of a fleet at a broker: all connections are open at a time, 45 % of them MQTT 5.0, the
/// others 3.1.1. Most packets are PUBLISH of 20 to 200 bytes with their acknowledgements, and pings; one
/// PUBLISH in 300 has 4 to 64 KB, of which a few segments come at a time; connections are refused, end with
/// and without a code, and are opened again. It counts the codes and ends. The same number of connections
/// always gives the same capture, up to its length.
class CapturedFleet {
 public:
  /// Writes at least `bytes` to `file`, and at least the beginning of all connections.
  CapturedFleet(std::FILE* file, std::uint64_t bytes, std::uint32_t connections);

  std::uint64_t bytes() const { return out_.bytes(); }
  std::uint64_t frames() const { return out_.frames(); }
  const Happened& happened() const { return happened_; }

 private:
  using Side = CaptureWriter::Side;
  struct Client {
    CaptureWriter::Connection tcp;
    bool v5;
    std::uint16_t packet_id = 0;
    std::uint32_t unsent = 0;  // of a large PUBLISH
  };

  unsigned below(unsigned end) { return static_cast<unsigned>(random_() % end); }
  bool one_in(unsigned chances) { return below(chances) == 0; }
  void code(const char* packet, const char* direction, const Client& client, unsigned code);
  void close_without_code(const Client& client, const char* reason);

  void connect(Client& client);
  void refuse(bool v5);
  void something(Client& client);
  void publish(Client& client, unsigned qos);
  void forward(Client& client, unsigned qos);
  void complete(Client& client);
  void begin_large(Client& client);
  void go_on(Client& client);
  void ping(Client& client);
  void subscribe(Client& client);
  void end(Client& client);

  std::string publish_packet(Client& client, unsigned qos, std::size_t payload);
  std::string acknowledgement(unsigned first, const Client& client, unsigned code);
  void exchange(Client& client, Side sender, const std::string& bytes, const std::string& answer);

  CaptureWriter out_;
  std::mt19937 random_{1};
  std::vector<Client> clients_;
  std::uint32_t refused_ = 0;
  Happened happened_;
};

}  // namespace mre
