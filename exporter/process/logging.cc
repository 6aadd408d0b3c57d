// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/logging.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <mutex>

#include "exporter/base/text.h"

// spdlog's patterns do not escape messages, so LineFormatter formats the whole line.

namespace mre {
namespace {

constexpr std::size_t kMaxMessageBytes = 4096;

/// The level as spelled in the flags.
std::string_view level_name(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return "debug";
    case spdlog::level::info:
      return "info";
    case spdlog::level::warn:
      return "warn";
    default:
      return "error";
  }
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

/// Writes to a descriptor without waiting, because a pipe whose reader hangs must not stop the sources. Lines
/// that do not fit are dropped; the next line that fits reports their number.
class NonBlockingSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit NonBlockingSink(int fd) : fd_(fd) {}

 protected:
  void sink_it_(const spdlog::details::log_msg& msg) override {
    if (dropped_ > 0) {
      const std::string lost = fmt::format("dropped {} log messages because nobody read them", dropped_);
      if (!write(formatted({msg.time, {}, "", spdlog::level::warn, lost}))) {
        ++dropped_;
        return;
      }
      dropped_ = 0;
    }
    if (!write(formatted(msg))) ++dropped_;
  }
  void flush_() override {}

 private:
  std::string formatted(const spdlog::details::log_msg& msg) {
    spdlog::memory_buf_t line;
    formatter_->format(msg, line);
    return {line.data(), line.size()};
  }

  /// Returns false if nothing was written. A pipe that is writable by poll(2) accepts PIPE_BUF bytes
  /// (pipe(7)); a longer line is written in parts, and is truncated if the reader stops.
  bool write(std::string_view line) const {
    const std::size_t whole = line.size();
    while (!line.empty()) {
      pollfd ready{fd_, POLLOUT, 0};
      if (::poll(&ready, 1, 0) <= 0 || (ready.revents & POLLOUT) == 0) break;
      const ssize_t count = ::write(fd_, line.data(), std::min<std::size_t>(line.size(), kAtOnce));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) break;
      line.remove_prefix(static_cast<std::size_t>(count));
    }
    return line.size() < whole;
  }

  static constexpr std::size_t kAtOnce = 4096;  // PIPE_BUF on Linux
  const int fd_;
  std::uint64_t dropped_ = 0;
};

class LineFormatter final : public spdlog::formatter {
 public:
  explicit LineFormatter(LogFormat format) : format_(format) {}

  void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& out) override {
    const std::string line =
        log_line(format_, msg.time, level_name(msg.level), {msg.payload.data(), msg.payload.size()});
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<LineFormatter>(format_);
  }

 private:
  LogFormat format_;
};

}  // namespace

std::string log_line(LogFormat format, std::chrono::system_clock::time_point time, std::string_view level,
                     std::string_view message) {
  const auto since_epoch = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  const std::time_t seconds = static_cast<std::time_t>(since_epoch.count() / 1000);
  const std::string stamp =
      fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), since_epoch.count() % 1000);
  // Both formats escape " and \ alike. printable() has replaced all other special characters.
  const std::string text = json_escape(printable(message, kMaxMessageBytes));
  if (format == LogFormat::json)
    return fmt::format(R"({{"ts":"{}","level":"{}","msg":"{}"}})"
                       "\n",
                       stamp, level, text);
  return fmt::format("ts={} level={} msg=\"{}\"\n", stamp, level, text);
}

void start_logging(const LoggingOptions& options) {
  auto sink = std::make_shared<NonBlockingSink>(STDERR_FILENO);
  auto logger = std::make_shared<spdlog::logger>("exporter", std::move(sink));
  logger->set_formatter(std::make_unique<LineFormatter>(options.format));
  logger->set_level(level_of(options.level));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace mre
