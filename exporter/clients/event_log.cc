// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/event_log.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/clients/event_json.h"

namespace mre {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kStandardOutput = "-";

Result<Fd> open_file(const std::string& path) {
  // Without O_NONBLOCK a FIFO without a reader would stop the start.
  Fd file(
      path == kStandardOutput
          ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
          : ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640));
  if (file) return file;
  return fail(Errc::unavailable, "cannot open the file for event lines " + printable(path, 1024) + ": " +
                                     std::generic_category().message(errno));
}

/// Writes all, waiting for a slow reader for at most a second. False if that fails; `wrote` is the number of bytes
/// written. A pipe that is ready takes at least PIPE_BUF bytes without blocking, which are more than a line has.
bool write_all(int fd, std::string_view text, std::size_t& wrote) {
  constexpr int max_wait_ms = 1000;
  wrote = 0;
  while (wrote < text.size()) {
    struct pollfd ready{fd, POLLOUT, 0};
    if (::poll(&ready, 1, max_wait_ms) == 0) return false;
    const ssize_t size = ::write(fd, text.data() + wrote, text.size() - wrote);
    if (size >= 0) {
      wrote += static_cast<std::size_t>(size);
    } else if (errno != EINTR && errno != EAGAIN) {
      return false;
    }
  }
  return true;
}

}  // namespace

Result<std::unique_ptr<EventLog>> EventLog::open(const EventLogOptions& options) {
  auto file = open_file(options.file);
  if (!file) {
    return fail(
        Errc::invalid_config,
        file.error().what +
            ": create its directory, give it to the user that the exporter runs as, or change events.file");
  }
  return std::unique_ptr<EventLog>(new EventLog(options, std::move(*file)));
}

EventLog::EventLog(const EventLogOptions& options, Fd file)
    : options_(options),
      rate_(std::max(options.max_per_second, 1U),
            std::chrono::nanoseconds(std::chrono::seconds(1)) / std::max(options.max_per_second, 1U)),
      file_(std::move(file)) {}

void EventLog::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

EventLog::~EventLog() {
  thread_.request_stop();
  queue_.interrupt();
}

void EventLog::write(std::string_view broker, const RecentEvent& event) {
  {
    const std::lock_guard lock(rate_mutex_);
    if (!rate_.allow(steady_clock::now())) {
      ++above_rate_;
      return;
    }
  }
  std::string line = event_json(broker, event) + "\n";
  const std::size_t bytes = line.size();
  if (!queue_.push(std::move(line), bytes)) ++queue_full_;
}

void EventLog::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (const auto line = queue_.pop(steady_clock::time_point::max())) write_line(*line);
  }
  constexpr auto patience = std::chrono::seconds(2);
  const auto end = steady_clock::now() + patience;
  while (const auto line = queue_.pop(steady_clock::time_point::min())) {
    if (steady_clock::now() > end)
      ++not_written_;
    else
      write_line(*line);
  }
}

void EventLog::write_line(const std::string& line) {
  const std::lock_guard lock(file_mutex_);
  const std::string text = line_open_ ? "\n" + line : line;
  std::size_t wrote = 0;
  const bool is_whole = write_all(file_.get(), text, wrote);
  if (wrote > 0) line_open_ = !is_whole;
  ++(is_whole ? written_ : not_written_);
}

Result<void> EventLog::reopen() {
  if (options_.file == kStandardOutput) return {};
  auto file = open_file(options_.file);
  if (!file) return tl::make_unexpected(file.error());
  const std::lock_guard lock(file_mutex_);
  file_ = std::move(*file);
  line_open_ = false;
  return {};
}

EventLog::Status EventLog::status() const { return {written_, above_rate_, queue_full_, not_written_}; }

}  // namespace mre
