// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/echo_window.h"

#include "exporter/event/event_bytes.h"

namespace mre {

void EchoWindow::code(std::uint8_t group, std::uint64_t client, bool refuses) {
  // If the record in words has no readable client, the code of any client answers it.
  if (!drop_waiting(group, client)) drop_waiting(group, kNoClient);
  if (refuses) {
    marks_[next_mark_] = {now_, group, true};
    next_mark_ = (next_mark_ + 1) % kMax;
  }
}

bool EchoWindow::drop_waiting(std::uint8_t group, std::uint64_t client) {
  for (std::size_t i = 0; i < waiting_; ++i) {
    const Waiting& waiting = wait_[(first_ + i) % kMax];
    if (waiting.group != group || waiting.client != client) continue;
    // Keep the order: move the later ones up.
    for (std::size_t j = i + 1; j < waiting_; ++j)
      wait_[(first_ + j - 1) % kMax] = std::move(wait_[(first_ + j) % kMax]);
    --waiting_;
    return true;
  }
  return false;
}

bool EchoWindow::absorbed(std::uint8_t group) {
  for (Mark& mark : marks_) {
    if (mark.group != group || !is_active(mark)) continue;
    mark.open = false;
    return true;
  }
  return false;
}

// Times are written as ages. Marks keep their positions, which decide the order of overwriting.
void EchoWindow::save(ByteWriter& out) const {
  out.number(waiting_);
  for (std::size_t i = 0; i < waiting_; ++i) {
    const Waiting& waiting = wait_[(first_ + i) % kMax];
    out.number(now_ - waiting.at);
    out.word(waiting.client);
    out.number(waiting.group);
    write_event(waiting.late.event, out);
  }
  out.number(next_mark_);
  for (const Mark& mark : marks_) {
    out.flag(is_active(mark));
    if (!is_active(mark)) continue;
    out.number(now_ - mark.at);
    out.number(mark.group);
  }
}

void EchoWindow::restore(ByteReader& in) {
  constexpr std::uint64_t max_group = 0xFF;
  const auto read_time = [&] { return now_ - static_cast<std::uint32_t>(in.number_up_to(window_)); };
  const auto read_group = [&] { return static_cast<std::uint8_t>(in.number_up_to(max_group)); };
  clear();
  waiting_ = in.number_up_to(kMax);
  for (std::size_t i = 0; i < waiting_; ++i)
    wait_[i] = {read_time(), in.word(), read_group(), {read_event(in)}};
  next_mark_ = in.number_up_to(kMax - 1);
  for (Mark& mark : marks_) {
    if (in.flag()) mark = {read_time(), read_group(), true};
  }
}

}  // namespace mre
