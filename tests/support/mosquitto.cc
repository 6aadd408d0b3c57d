// SPDX-License-Identifier: Apache-2.0
#include "tests/support/mosquitto.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/support/poll.h"
#include "tests/support/process.h"
#include "tests/support/tcp.h"

namespace mre::test {
namespace {

/// Debian puts daemons where the PATH of a user may not lead.
std::string mosquitto_binary() {
  return ::access("/usr/sbin/mosquitto", X_OK) == 0 ? "/usr/sbin/mosquitto" : "mosquitto";
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

Mosquitto::Mosquitto(std::string config) : port_(TcpListener(1).port()) {
  std::string head = "listener " + std::to_string(port_) + " 127.0.0.1\n";
  // As root it would change to a user who cannot read our directory.
  if (::geteuid() == 0) head = "user root\n" + head;
  dir_.write("mosquitto.conf",
             head + "log_dest stderr\nlog_type all\n" + replace_all(std::move(config), "@DIR@", dir_.path()));
}

Mosquitto::~Mosquitto() { stop(); }

void Mosquitto::start() {
  pid_ = spawn({mosquitto_binary(), "-c", dir_.file("mosquitto.conf")}, dir_.file("log"));
  const bool up = eventually([this] {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
    return pid_ == 0 || connect_to(tcp_socket(), port_);
  });
  if (!up || pid_ == 0) throw std::runtime_error("mosquitto did not start: " + log());
}

void Mosquitto::stop() {
  if (pid_ == 0) return;
  send_signal(SIGCONT);
  send_signal(SIGTERM);
  ::waitpid(pid_, nullptr, 0);
  pid_ = 0;
}

void Mosquitto::send_signal(int signal) const { ::kill(pid_, signal); }

std::string Mosquitto::url(const std::string& scheme, const std::string& host) const {
  return scheme + "://" + host + ":" + std::to_string(port_);
}

bool Mosquitto::publish(const std::string& topic, const std::string& payload,
                        const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {
      "mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(port_), "-q", "1", "-t", topic, "-m", payload};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run(argv) == 0;
}

}  // namespace mre::test
