#include "exporter/profile/echo_window.h"

namespace mre {

void EchoWindow::code(std::uint8_t group, std::uint64_t client, bool refuses) {
  // A client's text may hide which client the record in words was about: the code of any client answers it.
  if (!drop_waiting(group, client)) drop_waiting(group, kNoClient);
  if (refuses) {
    marks_[next_mark_] = {now_, group, true};
    next_mark_ = (next_mark_ + 1) % kMost;
  }
}

bool EchoWindow::drop_waiting(std::uint8_t group, std::uint64_t client) {
  for (std::size_t i = 0; i < waiting_; ++i) {
    const Waiting& waiting = wait_[(first_ + i) % kMost];
    if (waiting.group != group || waiting.client != client) continue;
    // Kept in order: the waiting ones behind it move up.
    for (std::size_t j = i + 1; j < waiting_; ++j)
      wait_[(first_ + j - 1) % kMost] = wait_[(first_ + j) % kMost];
    --waiting_;
    return true;
  }
  return false;
}

bool EchoWindow::absorbed(std::uint8_t group) {
  for (Mark& mark : marks_) {
    if (!mark.open || mark.group != group || now_ - mark.at > window_) continue;
    mark.open = false;
    return true;
  }
  return false;
}

}  // namespace mre
