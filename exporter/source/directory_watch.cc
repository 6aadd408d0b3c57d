#include "exporter/source/directory_watch.h"

#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "exporter/source/poll.h"

namespace mre {

namespace {

constexpr std::chrono::milliseconds kQuiet{100};

}  // namespace

DirectoryWatch::DirectoryWatch(std::string directory)
    : directory_(std::move(directory)), names_(IN_CREATE | IN_MOVED_TO), writes_(IN_MODIFY) {}

void DirectoryWatch::wait(Deadline until, const Interrupt& interrupt) {
  names_.attach(directory_);
  writes_.attach(directory_);
  pollfd fds[] = {{interrupt.fd(), POLLIN, 0}, {names_.fd.get(), POLLIN, 0}, {writes_.fd.get(), POLLIN, 0}};
  const Deadline quiet_until = std::min(until, quiet_until_);
  if (std::chrono::steady_clock::now() < quiet_until && poll_until({fds, 2}, quiet_until)) {
    names_.drain();
    return;
  }
  if (!poll_until(fds, until)) return;
  names_.drain();
  if (writes_.drain()) quiet_until_ = std::chrono::steady_clock::now() + kQuiet;
}

DirectoryWatch::Channel::Channel(std::uint32_t event_mask)
    : fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)), mask(event_mask) {}

/// Watches the directory that has the name now. For one that is watched already this changes nothing.
void DirectoryWatch::Channel::attach(const std::string& directory) {
  if (!fd) return;
  const int now = ::inotify_add_watch(fd.get(), directory.c_str(), mask | IN_ONLYDIR);
  if (now >= 0 && watch >= 0 && now != watch) ::inotify_rm_watch(fd.get(), watch);
  watch = now;
}

/// Throws away all events. Whether there were any.
bool DirectoryWatch::Channel::drain() {
  alignas(inotify_event) std::array<char, 16384> events;
  bool any = false;
  while (fd && ::read(fd.get(), events.data(), events.size()) > 0) any = true;
  return any;
}

}  // namespace mre
