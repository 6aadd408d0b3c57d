// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace mre::test {

/// A real mosquitto of our own, on 127.0.0.1 and a port that was free, with its files in a temporary directory.
/// Its log is in `dir().file("log")`, all log types on.
class Mosquitto {
 public:
  /// `config` comes after the listener line, after "@DIR@" in it is replaced by the directory. Does not start.
  explicit Mosquitto(std::string config = "allow_anonymous true\n");
  ~Mosquitto();
  Mosquitto(const Mosquitto&) = delete;
  Mosquitto& operator=(const Mosquitto&) = delete;

  /// Returns when it accepts connections. Throws with its log if it does not.
  void start();
  /// SIGTERM, and waits for its end. Does nothing if it does not run.
  void stop();
  void send_signal(int signal) const;  ///< SIGSTOP, SIGCONT, SIGHUP

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& scheme = "mqtt", const std::string& host = "127.0.0.1") const;
  const TempDir& dir() const { return dir_; }
  std::string log() const { return dir_.read("log"); }

  /// Sends one message with mosquitto_pub: `arguments` are added to host, port, topic and payload. Whether it
  /// worked.
  bool publish(const std::string& topic, const std::string& payload,
               const std::vector<std::string>& arguments = {}) const;

 private:
  TempDir dir_;
  std::uint16_t port_;
  pid_t pid_ = 0;
};

}  // namespace mre::test
