#include "exporter/own_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "exporter/base/text.h"

// spdlog escapes nothing in its patterns, so the whole line is made here.

namespace mre {
namespace {

constexpr std::size_t kMaxMessageBytes = 4096;

/// The level as our flags spell it.
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
  // Both formats escape " and \ alike, and printable() left no other character that needs it.
  const std::string text = json_escape(printable(message, kMaxMessageBytes));
  if (format == LogFormat::json)
    return fmt::format(R"({{"ts":"{}","level":"{}","msg":"{}"}})"
                       "\n",
                       stamp, level, text);
  return fmt::format("ts={} level={} msg=\"{}\"\n", stamp, level, text);
}

void start_own_log(const OwnLogOptions& options) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  auto logger = std::make_shared<spdlog::logger>("exporter", std::move(sink));
  logger->set_formatter(std::make_unique<LineFormatter>(options.format));
  logger->set_level(level_of(options.level));
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace mre
