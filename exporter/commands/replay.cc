// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/replay.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

#include "exporter/base/build_info.h"
#include "exporter/base/text.h"
#include "exporter/base/unix_time.h"
#include "exporter/cli/config_from_flags.h"
#include "exporter/clients/event_json.h"
#include "exporter/commands/replay_compare.h"
#include "exporter/commands/replay_input.h"
#include "exporter/commands/replay_output.h"
#include "exporter/commands/time_range.h"
#include "exporter/config/values.h"
#include "exporter/feed/authority.h"
#include "exporter/feed/feed_loop.h"
#include "exporter/metrics/exposition.h"
#include "exporter/process/logging.h"

namespace mre {
namespace {

constexpr auto kProgressInterval = std::chrono::milliseconds(200);

using Clock = std::chrono::steady_clock;

void print(std::FILE* to, const std::string& text) { std::fwrite(text.data(), 1, text.size(), to); }

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// What a replay has found.
struct Replayed {
  FeedSample sample;
  std::vector<TopList> top;                 ///< Only for the table.
  std::vector<std::string> not_recognised;  ///< The first records that were not recognised, printable.
};

/// Prints records (--explain) and progress while a recording is read.
class ReplayPrinter final : public InputSink {
 public:
  ReplayPrinter(const OpenRecording& recording, const TimeFilter& filter, bool explains, ExplainOnly only)
      : recording_(recording),
        filter_(filter),
        explains_(explains),
        only_(only),
        terminal_(::isatty(STDERR_FILENO) == 1 && !explains) {}
  ~ReplayPrinter() override {
    if (shown_) print(stderr, "\r\x1b[K");
  }

  bool wants_records() const override { return explains_; }
  void on_code(const ReasonEvent& event) override {
    if (explains_) events_.codes.push_back(event);
  }
  void on_close(const CloseEvent& event) override {
    if (explains_) events_.closes.push_back(event);
  }
  void on_denial(const DenialEvent& event) override {
    if (explains_) events_.denials.push_back(event);
  }
  void on_record(const Record& record, const Decoded& decoded) override {
    if (!decoded.is_recognised()) add_example(record.payload);
    if (explains_) explain_record(record, decoded, std::exchange(events_, {}));
  }
  void on_lines(const DecodedLines& lines) override {
    if (lines.not_recognised) add_example(lines.not_recognised_line);
  }

  /// After the last record: prints the events that no later one confirmed.
  void finish() {
    if (!events_.empty() && is_wanted({Outcome::matched, RecordError::none, nullptr}, events_))
      print(stdout, explain_settled(events_));
  }
  void show_progress() {
    if (!terminal_ || Clock::now() < next_) return;
    next_ = Clock::now() + kProgressInterval;
    shown_ = true;
    const ReadProgress reading = recording_.reading();
    print(stderr, "\r" + progress(reading.bytes_read, reading.bytes_total, seconds_since(start_)) + "\x1b[K");
  }

  std::vector<std::string> take_examples() { return std::move(examples_); }

 private:
  void add_example(std::string_view record) {
    constexpr std::size_t max_examples = 5;
    constexpr std::size_t max_bytes = 160;
    if (examples_.size() < max_examples) examples_.push_back(printable(record, max_bytes));
  }
  void explain_record(const Record& record, const Decoded& decoded, const DecodedEvents& events) const {
    if (!filter_.in_range() || !is_wanted(decoded, events)) return;
    print(stdout, recording_.kind == SourceKind::capture ? explain_packets(record, events)
                                                         : explain(record, filter_.time(), decoded, events));
  }
  bool is_wanted(const Decoded& decoded, const DecodedEvents& events) const {
    switch (only_) {
      case ExplainOnly::all:
        return true;
      case ExplainOnly::matched:
        return decoded.outcome == Outcome::matched;
      case ExplainOnly::error:
        return has_error(events);
      case ExplainOnly::unrecognised:
        return !decoded.is_recognised();
    }
    return true;
  }

  const OpenRecording& recording_;
  const TimeFilter& filter_;
  const bool explains_;
  const ExplainOnly only_;
  const bool terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_ + kProgressInterval;
  bool shown_ = false;
  DecodedEvents events_;  // of the current record, if it is explained
  std::vector<std::string> examples_;
};

/// The range of --since and --until; nothing if neither is given.
Result<std::optional<TimeRange>> range_of(const Settings& settings) {
  if (settings.since.empty() && settings.until.empty()) return std::optional<TimeRange>();
  TimeRange range;
  const UnixMicros now = now_micros();
  const auto read = [now](std::string_view flag, const std::string& text, UnixMicros& out) -> Result<void> {
    if (text.empty()) return {};
    const auto moment = parse_moment(text, now);
    if (!moment) return fail(Errc::invalid_config, std::string(flag) + ": " + moment.error().what);
    out = *moment;
    return {};
  };
  if (auto since = read("--since", settings.since, range.since); !since)
    return tl::make_unexpected(since.error());
  if (auto until = read("--until", settings.until, range.until); !until)
    return tl::make_unexpected(until.error());
  if (range.since >= range.until)
    return fail(Errc::invalid_config, "--since is not before --until: no record can be between them");
  return range;
}

/// The only source of its broker counts everything.
Result<FeedOptions> options_of(const OpenRecording& recording, const std::string& broker) {
  FeedPlan plans[] = {{.broker = broker,
                       .source = std::string(to_string(recording.kind)),
                       .kind = recording.kind,
                       .coverage = &recording.input->coverage()}};
  if (auto assigned = assign_authority(plans); !assigned) return tl::make_unexpected(assigned.error());
  return FeedOptions{.broker = broker,
                     .source = plans[0].source,
                     .profile = recording.profile,
                     .kind = plans[0].kind,
                     .authority = {plans[0].authority}};
}

std::string broker_name(const Settings& settings, const OpenRecording& recording) {
  if (!settings.broker_name.empty()) return settings.broker_name;
  return recording.kind == SourceKind::capture ? std::string(kUnprofiledBroker) : recording.profile;
}

/// The history of the recording's broker, if the output needs one. With jsonl it prints the events.
std::shared_ptr<EventHistory> history_for(ReplayOutput output, const std::string& broker) {
  if (output != ReplayOutput::table && output != ReplayOutput::jsonl) return nullptr;
  EventHistory::Listener listener;
  if (output == ReplayOutput::jsonl)
    listener = [broker](RecentEvent event) {
      event.observed_seconds = 0;  // when a recording is replayed says nothing
      print(stdout, event_json(broker, event) + "\n");
    };
  const IdentityFilter everything(ClientOptions::Identity::full, {});
  auto history = std::make_shared<EventHistory>(everything, unix_seconds(), std::move(listener));
  history->remember(output == ReplayOutput::table);
  return history;
}

/// Reads the recording to its end and prints a summary.
Result<Replayed> count(const Settings& settings, OpenRecording recording, bool explains) {
  const std::string broker = broker_name(settings, recording);
  if (auto valid = check_name(broker); !valid)
    return fail(Errc::invalid_config, "--broker.name: " + valid.error().what);
  const auto range = range_of(settings);
  if (!range) return tl::make_unexpected(range.error());
  const auto history = explains ? nullptr : history_for(settings.output, broker);
  auto options = options_of(recording, broker);
  if (!options) return tl::make_unexpected(options.error());

  TimeFilter filter(*range);
  options->history = history;
  if (explains || *range || history)  // looking for the time of each record takes longer than counting
    options->choose = [&filter](const Record& record) { return filter.choose(record); };
  const auto start = Clock::now();
  Replayed replayed;
  std::uint64_t out_of_range = 0;
  {
    ReplayPrinter printer(recording, filter, explains, settings.only);
    FeedLoop loop(std::move(*options), *recording.input, &printer);
    const auto drained = loop.drain([&printer] { printer.show_progress(); });
    printer.finish();
    if (!drained) return tl::make_unexpected(drained.error());
    replayed.sample = loop.sample();
    replayed.not_recognised = printer.take_examples();
    out_of_range = loop.records_left_out();
  }
  constexpr std::size_t max_clients = 5;
  if (history) replayed.top = history->top(Period::since_start, unix_seconds(), max_clients);
  std::fflush(stdout);
  if (*range && !filter.saw_time() && out_of_range > 0) {
    return fail(Errc::invalid_config,
                "--since and --until need a time in the records, and none of these records has one that is "
                "understood: remove the flags");
  }
  print(stderr, summary(replayed.sample, recording.reading().bytes_read, seconds_since(start)));
  if (*range) print(stderr, "Outside the range of time: " + counted(out_of_range, "record") + "\n");
  return replayed;
}

Result<Replayed> count_packets(const Settings& settings, const std::vector<std::string>& files,
                               bool explains) {
  auto packets = open_packets(settings, files);
  if (!packets) return tl::make_unexpected(packets.error());
  return count(settings, std::move(*packets), explains);
}

Result<Replayed> count_records(const Settings& settings, const std::vector<std::string>& files,
                               bool explains) {
  auto records = open_records(settings, files);
  if (!records) return tl::make_unexpected(records.error());
  return count(settings, std::move(*records), explains);
}

Result<void> compare(const Settings& settings, const std::vector<std::string>& files) {
  const auto log = count_records(settings, {settings.compare}, false);
  if (!log) return tl::make_unexpected(log.error());
  const auto wire = count_packets(settings, files, false);
  if (!wire) return tl::make_unexpected(wire.error());
  print(stdout, compare_counts(wire->sample, log->sample));
  return {};
}

std::string render_as(ReplayOutput output, const Replayed& replayed) {
  const FeedSample& sample = replayed.sample;
  switch (output) {
    case ReplayOutput::table:
      return events_table(sample, replayed.top, replayed.not_recognised);
    case ReplayOutput::json:
      return render_json({&sample, 1});
    case ReplayOutput::jsonl:
      return {};  // printed already
    case ReplayOutput::markdown:
      return events_markdown(sample);
    case ReplayOutput::automatic:
    case ReplayOutput::prometheus:
      break;
  }
  return render({&sample, 1}, build_info(), ProcessStats{});
}

/// What the command line cannot check by itself. Errors: invalid_config.
Result<void> check_settings(const Settings& settings) {
  // Before the files are read, which may take minutes.
  if (const auto range = range_of(settings); !range) return tl::make_unexpected(range.error());
  const bool compares = !settings.compare.empty();
  if (compares && settings.explain)
    return fail(Errc::invalid_config, "--compare and --explain exclude each other: remove one");
  if ((compares || settings.explain) && settings.output != ReplayOutput::automatic) {
    return fail(Errc::invalid_config, "--output is for the counts: remove it, or remove " +
                                          std::string(compares ? "--compare" : "--explain"));
  }
  return {};
}

}  // namespace

Result<void> replay(Settings settings, const std::vector<std::string>& files) {
  start_logging(settings.logging);
  if (auto valid = check_settings(settings); !valid) return valid;
  const bool packets = holds_packets(settings, files);
  if (!settings.compare.empty()) {
    if (packets) return compare(settings, files);
    return fail(Errc::invalid_config, "--compare compares a log with captured packets, and " +
                                          printable(files.front(), 1024) +
                                          " is not a capture: replay --compare LOG FILE.pcap");
  }
  if (settings.output == ReplayOutput::automatic && ::isatty(STDOUT_FILENO) == 1)
    settings.output = ReplayOutput::table;
  const auto replayed = packets ? count_packets(settings, files, settings.explain)
                                : count_records(settings, files, settings.explain);
  if (!replayed) return tl::make_unexpected(replayed.error());
  if (!settings.explain) print(stdout, render_as(settings.output, *replayed));
  std::fflush(stdout);
  return {};
}

}  // namespace mre
