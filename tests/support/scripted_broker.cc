// SPDX-License-Identifier: Apache-2.0
#include "tests/support/scripted_broker.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace mre::test {
namespace {

/// Waits until `fd` can be read. False if the broker is to end.
bool readable(int fd, int wake) {
  std::array<pollfd, 2> fds{pollfd{fd, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
  return ::poll(fds.data(), fds.size(), -1) > 0 && fds[1].revents == 0;
}

}  // namespace

ScriptedBroker::ScriptedBroker(Script script)
    : script_(std::move(script)), listener_(16), wake_(::eventfd(0, EFD_CLOEXEC)) {
  thread_ = std::thread([this] { run(); });
}

ScriptedBroker::~ScriptedBroker() {
  ::eventfd_write(wake_.get(), 1);
  thread_.join();
}

void ScriptedBroker::run() {
  while (readable(listener_.get(), wake_.get())) {
    const Fd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (client) serve(client);
  }
}

void ScriptedBroker::serve(const Fd& client) {
  std::string received;
  std::array<char, 4096> block{};
  while (readable(client.get(), wake_.get())) {
    const ssize_t count = ::recv(client.get(), block.data(), block.size(), 0);
    if (count <= 0) return;
    received.append(block.data(), static_cast<std::size_t>(count));
    for (auto size = packet_bytes(received); size && *size <= received.size();
         size = packet_bytes(received)) {
      const auto answer = script_(std::string_view(received).substr(0, *size));
      if (!answer) return;
      ::send(client.get(), answer->data(), answer->size(), MSG_NOSIGNAL);
      received.erase(0, *size);
    }
  }
}

std::optional<std::size_t> packet_bytes(std::string_view bytes) {
  std::size_t remaining = 0;
  for (std::size_t i = 1; i < bytes.size() && i <= 4; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    remaining |= std::size_t{byte & 0x7FU} << (7 * (i - 1));
    if (byte < 0x80) return i + 1 + remaining;
  }
  return {};
}

std::string answer_to(std::string_view request, std::string packet) {
  if (request.size() >= 4 && packet.size() >= 4) packet.replace(2, 2, request.substr(2, 2));
  return packet;
}

}  // namespace mre::test
