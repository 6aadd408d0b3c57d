#include "tests/support/mosquitto.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>

#include "exporter/base/fd.h"
#include "tests/support/poll.h"
#include "tests/support/process.h"

namespace mre::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

bool accepts(std::uint16_t port) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

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

std::uint16_t free_port() {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no free port");
  }
  return ntohs(address.sin_port);
}

Mosquitto::Mosquitto(std::string config) : port_(free_port()) {
  std::string head = "listener " + std::to_string(port_) + " 127.0.0.1\n";
  // As root it would change to a user who cannot read our folder.
  if (::geteuid() == 0) head = "user root\n" + head;
  dir_.write("mosquitto.conf",
             head + "log_dest stderr\nlog_type all\n" + replace_all(std::move(config), "@DIR@", dir_.path()));
}

Mosquitto::~Mosquitto() { stop(); }

void Mosquitto::start() {
  pid_ = spawn({mosquitto_binary(), "-c", dir_.file("mosquitto.conf")}, dir_.file("log"));
  const bool up = eventually([this] {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = 0;
    return pid_ == 0 || accepts(port_);
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
