// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/echo_window.h"

#include "exporter/event/event_bytes.h"

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
    if (mark.group != group || !holds(mark)) continue;
    mark.open = false;
    return true;
  }
  return false;
}

// Of the time only how long ago is written. Marks keep their places: the place decides which goes first.
void EchoWindow::save(ByteWriter& out) const {
  out.number(waiting_);
  for (std::size_t i = 0; i < waiting_; ++i) {
    const Waiting& waiting = wait_[(first_ + i) % kMost];
    out.number(now_ - waiting.at);
    out.word(waiting.client);
    out.number(waiting.group);
    write_event(waiting.event, out);
  }
  out.number(next_mark_);
  for (const Mark& mark : marks_) {
    out.flag(holds(mark));
    if (!holds(mark)) continue;
    out.number(now_ - mark.at);
    out.number(mark.group);
  }
}

void EchoWindow::restore(ByteReader& in) {
  constexpr std::uint64_t most_groups = 0xFF;
  const auto read_time = [&] { return now_ - static_cast<std::uint32_t>(in.number_up_to(window_)); };
  const auto read_group = [&] { return static_cast<std::uint8_t>(in.number_up_to(most_groups)); };
  clear();
  waiting_ = in.number_up_to(kMost);
  for (std::size_t i = 0; i < waiting_; ++i)
    wait_[i] = {read_time(), in.word(), read_group(), read_event(in)};
  next_mark_ = in.number_up_to(kMost - 1);
  for (Mark& mark : marks_) {
    if (in.flag()) mark = {read_time(), read_group(), true};
  }
}

}  // namespace mre
