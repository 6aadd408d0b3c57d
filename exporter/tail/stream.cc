// SPDX-License-Identifier: Apache-2.0
#include "exporter/tail/stream.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "exporter/base/poll.h"
#include "exporter/base/text.h"
#include "exporter/input/read_budget.h"

namespace mre {

namespace {

/// Time limit of one wait: without an eventfd an interrupt does not end it.
constexpr std::chrono::seconds kMaxWait{1};

}  // namespace

Stream::Stream(Fd fd, std::string name, std::size_t max_line_bytes)
    : fd_(std::move(fd)), name_(std::move(name)), reader_(max_line_bytes) {
  status_.up = true;
  set_state("reading " + name_);
}

Result<std::optional<Record>> Stream::next(Deadline deadline) {
  if (const auto line = reader_.next()) return Record{*line, {}};
  ReadBudget budget(deadline, interrupt_);
  status_.unread = false;
  while (status_.up) {
    const Fill filled = fill(deadline);
    if (const auto line = reader_.next()) return Record{*line, {}};
    status_.unread = filled == Fill::bytes && budget.is_exhausted();
    if (filled == Fill::nothing || status_.unread) return std::nullopt;
  }
  if (const auto line = reader_.finish()) return Record{*line, {}};
  return fail(Errc::end_of_stream, status_.state);
}

const SourceStatus& Stream::status() {
  status_.records_oversized = reader_.oversized();
  return status_;
}

/// Waits until the deadline for bytes and reads once.
Stream::Fill Stream::fill(Deadline deadline) {
  for (;;) {
    pollfd fds[] = {{fd_.get(), POLLIN, 0}, {interrupt_.fd(), POLLIN, 0}};
    const bool ready = poll_until(fds, std::min(deadline, std::chrono::steady_clock::now() + kMaxWait));
    if (!fd_ || (ready && fds[0].revents != 0)) {
      const Fill filled = read_some();
      if (filled != Fill::nothing) return filled;
    }
    if (std::chrono::steady_clock::now() >= deadline || interrupt_.take()) return Fill::nothing;
  }
}

Stream::Fill Stream::read_some() {
  const std::span<char> space = reader_.space();
  const ssize_t bytes = ::read(fd_.get(), space.data(), space.size());
  if (bytes > 0) {
    reader_.add(static_cast<std::size_t>(bytes));
    return Fill::bytes;
  }
  if (bytes < 0 && (errno == EINTR || errno == EAGAIN)) return Fill::nothing;
  if (bytes < 0) {
    ++status_.failures;
    set_state("cannot read " + name_ + ": " + std::generic_category().message(errno));
  } else {
    set_state(name_ + " has ended");
  }
  status_.up = false;
  return Fill::end;
}

void Stream::set_state(std::string_view text) { status_.state = printable(text, kMessageBytes); }

}  // namespace mre
