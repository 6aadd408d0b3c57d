// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/replay.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "exporter/base/build_info.h"
#include "exporter/cli/config_from_flags.h"
#include "exporter/commands/replay_compare.h"
#include "exporter/commands/replay_input.h"
#include "exporter/commands/replay_output.h"
#include "exporter/config/values.h"
#include "exporter/feed/authority.h"
#include "exporter/feed/feed_loop.h"
#include "exporter/metrics/exposition.h"
#include "exporter/process/logging.h"

namespace mre {
namespace {

constexpr auto kBetweenProgress = std::chrono::milliseconds(200);

using Clock = std::chrono::steady_clock;

void print(std::FILE* to, const std::string& text) { std::fwrite(text.data(), 1, text.size(), to); }

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Prints while the recording is read.
class ReplayPrinter final : public FeedObserver {
 public:
  ReplayPrinter(const OpenRecording& recording, bool explains)
      : recording_(recording), explains_(explains), terminal_(::isatty(STDERR_FILENO) == 1 && !explains) {}
  ~ReplayPrinter() override {
    if (shown_) print(stderr, "\r\x1b[K");
  }

  bool sees_records() const override { return explains_; }
  void on_record(const Record& record, const Decoded& decoded, const DecodedEvents& found) override {
    const bool packets = recording_.kind == SourceKind::capture;
    print(stdout, packets ? explain_packets(record, found) : explain(record, decoded, found));
  }
  void on_settle(const DecodedEvents& found) override { print(stdout, explain_settled(found)); }
  void on_progress(const FeedSample&) override {
    if (!terminal_ || Clock::now() < next_) return;
    next_ = Clock::now() + kBetweenProgress;
    shown_ = true;
    const ReadProgress reading = recording_.reading();
    print(stderr, "\r" + progress(reading.bytes_read, reading.bytes_total, seconds_since(start_)) + "\x1b[K");
  }

 private:
  const OpenRecording& recording_;
  const bool explains_;
  const bool terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_ + kBetweenProgress;
  bool shown_ = false;
};

/// Everything counts: there is one source.
Result<FeedOptions> options_of(const OpenRecording& recording, const std::string& broker) {
  FeedPlan plans[] = {{.broker = broker,
                       .source = std::string(to_string(recording.kind)),
                       .kind = std::string(to_string(recording.kind)),
                       .coverage = &recording.decoder->coverage()}};
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

/// Reads the recording to its end and says so.
Result<FeedSample> count(const Settings& settings, OpenRecording recording, bool explains) {
  const std::string broker = broker_name(settings, recording);
  if (auto valid = check_name(broker); !valid)
    return fail(Errc::invalid_config, "--broker.name: " + valid.error().what);
  auto options = options_of(recording, broker);
  if (!options) return tl::make_unexpected(options.error());

  const auto start = Clock::now();
  FeedSample sample;
  {
    ReplayPrinter printer(recording, explains);
    FeedLoop loop(std::move(*options), *recording.source, *recording.decoder, &printer);
    if (auto drained = loop.drain(); !drained) return tl::make_unexpected(drained.error());
    sample = loop.sample();
  }
  std::fflush(stdout);
  print(stderr, summary(sample, recording.reading().bytes_read, seconds_since(start)));
  return sample;
}

Result<FeedSample> count_packets(const Settings& settings, const std::vector<std::string>& files,
                                 bool explains) {
  auto packets = open_packets(settings, files);
  if (!packets) return tl::make_unexpected(packets.error());
  return count(settings, std::move(*packets), explains);
}

Result<FeedSample> count_records(const Settings& settings, const std::vector<std::string>& files,
                                 bool explains) {
  auto records = open_records(settings, files);
  if (!records) return tl::make_unexpected(records.error());
  return count(settings, std::move(*records), explains);
}

Result<void> compare(const Settings& settings, const std::vector<std::string>& files) {
  if (settings.explain) return fail(Errc::invalid_config, "--compare and --explain exclude each other");
  const auto told = count_records(settings, {settings.compare}, false);
  if (!told) return tl::make_unexpected(told.error());
  const auto wire = count_packets(settings, files, false);
  if (!wire) return tl::make_unexpected(wire.error());
  print(stdout, compare_counts(*wire, *told));
  return {};
}

}  // namespace

Result<void> replay(const Settings& settings, const std::vector<std::string>& files) {
  start_logging(settings.logging);
  const bool packets = holds_packets(settings, files);
  if (!settings.compare.empty()) {
    if (!packets)
      return fail(Errc::invalid_config, "--compare holds a log against captured packets, and " +
                                            files.front() + " is no capture: replay --compare LOG FILE.pcap");
    return compare(settings, files);
  }
  const auto sample = packets ? count_packets(settings, files, settings.explain)
                              : count_records(settings, files, settings.explain);
  if (!sample) return tl::make_unexpected(sample.error());
  if (!settings.explain) print(stdout, render({&*sample, 1}, build_info(), ProcessStats{}));
  std::fflush(stdout);
  return {};
}

}  // namespace mre
