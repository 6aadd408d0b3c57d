#include "exporter/replay.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <utility>

#include "exporter/base/text.h"
#include "exporter/build_info.h"
#include "exporter/config/auto_profile.h"
#include "exporter/config/values.h"
#include "exporter/envelope/unwrap.h"
#include "exporter/feed/authority.h"
#include "exporter/feed/drive.h"
#include "exporter/metrics/exposition.h"
#include "exporter/own_log.h"
#include "exporter/profile_choice.h"
#include "exporter/quick_start.h"
#include "exporter/replay_text.h"
#include "exporter/source/recording.h"

namespace mre {
namespace {

constexpr std::size_t kMaxEventLineBytes = 1024 * 1024;  // a recorded message is longer than its payload
constexpr auto kPatience = std::chrono::seconds(1);      // how long one look may wait before the next
constexpr auto kBetweenProgress = std::chrono::milliseconds(200);

using Clock = std::chrono::steady_clock;

void print(std::FILE* to, const std::string& text) { std::fwrite(text.data(), 1, text.size(), to); }

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Prints while the recording is read.
class Narrator final : public DriveObserver {
 public:
  Narrator(const Recording& recording, bool explains)
      : recording_(recording), explains_(explains), terminal_(::isatty(STDERR_FILENO) == 1 && !explains) {}
  ~Narrator() override {
    if (shown_) print(stderr, "\r\x1b[K");
  }

  bool sees_records() const override { return explains_; }
  void on_record(const Record& record, const Decoded& decoded, const Found& found) override {
    print(stdout, explain(record, decoded, found));
  }
  void on_settle(const Found& found) override { print(stdout, explain_settled(found)); }
  void on_progress(const FeedSample&) override {
    if (!terminal_ || Clock::now() < next_) return;
    next_ = Clock::now() + kBetweenProgress;
    shown_ = true;
    print(stderr, "\r" + progress(recording_.bytes_read(), recording_.bytes_total(), seconds_since(start_)) +
                      "\x1b[K");
  }

 private:
  const Recording& recording_;
  const bool explains_;
  const bool terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_ = start_ + kBetweenProgress;
  bool shown_ = false;
};

/// Opens the files and makes them ready to be read as what they are.
Result<std::unique_ptr<Recording>> open_recording(const std::vector<std::string>& files, SourceKind& kind,
                                                  ReplayFormat format) {
  auto recording = Recording::open(files);
  if (!recording) return recording;
  kind = format == ReplayFormat::detect   ? (*recording)->detect()
         : format == ReplayFormat::events ? SourceKind::mqtt
                                          : SourceKind::log;
  (*recording)->read_as(kind, kind == SourceKind::log ? LogOptions{}.max_line_bytes : kMaxEventLineBytes);
  return recording;
}

/// Everything counts: there is one source.
Result<FeedOptions> options_of(const Profile& profile, SourceKind kind, const std::string& broker,
                               const Coverage& coverage) {
  FeedPlan plans[] = {{.broker = broker,
                       .source = std::string(to_string(kind)),
                       .kind = std::string(to_string(kind)),
                       .coverage = &coverage}};
  if (auto assigned = assign_authority(plans); !assigned) return tl::make_unexpected(assigned.error());
  return FeedOptions{.broker = broker,
                     .source = plans[0].source,
                     .profile = profile.name,
                     .kind = plans[0].kind,
                     .authority = plans[0].authority};
}

/// The profile that the first records choose; they stay in `source`. Says which, and why.
Result<std::shared_ptr<const Profile>> choose_profile(LookAhead& source, SourceKind kind, Envelope envelope) {
  const auto detectable = detectable_profiles({});
  if (!detectable) return tl::make_unexpected(detectable.error());
  ProfileChoice choice(*detectable);
  choice.add(std::string(to_string(kind)), kind, envelope, source);
  while (!choice.ended() && !source.full()) {
    const auto looked = choice.look(Clock::now() + kPatience);
    if (!looked) return tl::make_unexpected(looked.error());
    if (!*looked) continue;
    print(stderr, "profile " + (*looked)->profile->name + ", because " + (*looked)->reason + "\n");
    return (*looked)->profile;
  }
  return fail(Errc::invalid_config,
              "no profile is clearly the one of these records (" + printable(choice.standing(), 1024) +
                  "): name the kind of broker with --broker.profile; list brokers prints them");
}

/// The profile that the flags name; null if the records are to choose it.
Result<std::shared_ptr<const Profile>> named_profile(const Settings& settings) {
  if (settings.profile == kAutoProfile) return std::shared_ptr<const Profile>();
  auto profile = profile_by_name_or_file(settings.profile);
  if (!profile) return fail(Errc::invalid_config, "--broker.profile: " + profile.error().what);
  return profile;
}

void say_envelope(Envelope envelope) {
  if (envelope != Envelope::plain)
    print(stderr, "the envelope of the lines is " + std::string(to_string(envelope)) + "\n");
}

/// Reads the source to its end. `recording` is what it reads, for the progress.
Result<void> run(const Settings& settings, const std::shared_ptr<const Profile>& profile, SourceKind kind,
                 Source& source, const Recording& recording) {
  const std::string broker = settings.broker_name.empty() ? profile->name : settings.broker_name;
  if (auto valid = check_name(broker); !valid)
    return fail(Errc::invalid_config, "--broker.name: " + valid.error().what);
  const auto decoder = unwrap(settings.log.envelope, make_decoder(profile, kind), say_envelope);
  auto options = options_of(*profile, kind, broker, decoder->coverage());
  if (!options) return tl::make_unexpected(options.error());

  const auto start = Clock::now();
  FeedSample sample;
  {
    Narrator narrator(recording, settings.explain);
    Drive drive(std::move(*options), source, *decoder, &narrator);
    if (auto drained = drive.drain(); !drained) return drained;
    sample = drive.sample();
  }
  if (!settings.explain) print(stdout, render({&sample, 1}, build_info(), ProcessStats{}));
  std::fflush(stdout);
  print(stderr, summary(sample, recording.bytes_read(), seconds_since(start)));
  return {};
}

}  // namespace

Result<void> replay(const Settings& settings, const std::vector<std::string>& files) {
  start_own_log(settings.own_log);
  auto profile = named_profile(settings);
  if (!profile) return tl::make_unexpected(profile.error());

  SourceKind kind{};
  auto opened = open_recording(files, kind, settings.replay_format);
  if (!opened) return tl::make_unexpected(opened.error());
  const Recording& recording = **opened;
  if (*profile == nullptr) {
    LookAhead ahead(std::move(*opened));
    profile = choose_profile(ahead, kind, settings.log.envelope);
    if (!profile) return tl::make_unexpected(profile.error());
    return run(settings, *profile, kind, ahead, recording);
  }
  if (!(*profile)->source(kind).supported) {
    return fail(Errc::invalid_config,
                "the profile \"" + (*profile)->name + "\" cannot read a source of the kind " +
                    std::string(to_string(kind)) + ", which these files seem to be: see --replay.format");
  }
  return run(settings, *profile, kind, **opened, recording);
}

}  // namespace mre
