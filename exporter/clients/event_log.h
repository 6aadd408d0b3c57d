// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "exporter/base/bounded_queue.h"
#include "exporter/base/error.h"
#include "exporter/base/fd.h"
#include "exporter/base/rate_limit.h"
#include "exporter/clients/client_options.h"
#include "exporter/clients/recent_events.h"

namespace mre {

/// Writes events as JSON lines (event_json.h) to a file or to standard output, on a thread of its own, so that a slow
/// disk or reader delays no feed. Any thread calls it.
///
/// Lost, and counted: events above the rate; events while kMaxQueued lines wait; lines that cannot be written. A line
/// is written whole or cut at its end by a full disk; the next one begins on a new line.
class EventLog {
 public:
  static constexpr std::size_t kMaxQueued = 10'000;
  static constexpr std::size_t kMaxQueuedBytes = 4U << 20U;

  /// Opens the file for appending; creates it with mode 0640. Errors: invalid_config, with the path and what to do.
  static Result<std::unique_ptr<EventLog>> open(const EventLogOptions& options);
  void start();  ///< Once: starts the thread.
  ~EventLog();   ///< Writes what is queued, for at most two seconds.
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void write(std::string_view broker, const RecentEvent& event);  ///< Never waits.

  /// Opens the path again, after the file was renamed. If that fails, the open file stays in use. Errors: unavailable.
  /// Does nothing for standard output.
  Result<void> reopen();

  struct Status {
    std::uint64_t written = 0;
    std::uint64_t above_rate = 0;
    std::uint64_t queue_full = 0;
    std::uint64_t not_written = 0;  ///< write(2) failed.
  };
  Status status() const;

 private:
  EventLog(const EventLogOptions& options, Fd file);

  void run(const std::stop_token& stop);
  void write_line(const std::string& line);

  const EventLogOptions options_;
  BoundedQueue<std::string> queue_{kMaxQueued, kMaxQueuedBytes};
  std::mutex rate_mutex_;
  RateLimit rate_;
  std::mutex file_mutex_;
  Fd file_;
  bool line_open_ = false;  // the last line was cut
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<std::uint64_t> above_rate_ = 0;
  std::atomic<std::uint64_t> queue_full_ = 0;
  std::atomic<std::uint64_t> not_written_ = 0;
  std::jthread thread_;
};

}  // namespace mre
