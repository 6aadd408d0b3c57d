// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/feed_setup.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "exporter/base/text.h"
#include "exporter/capture/capture_input.h"
#include "exporter/config/auto_profile.h"
#include "exporter/envelope/unwrap.h"
#include "exporter/feed/authority.h"
#include "exporter/input/record_input.h"
#include "exporter/tail/make_log_source.h"

namespace mre {
namespace {

/// The maximum number of series of a broker, because each costs memory here and in Prometheus. All events of the
/// coverage have a series; the feeds share the rest for codes that the standard does not define.
constexpr std::size_t kMaxSeriesPerBroker = 512;

std::size_t spare_series(std::span<const PlannedFeed> feeds) {
  std::size_t known = 0;
  for (const PlannedFeed& feed : feeds) known += feed.coverage().codes.size();
  return known < kMaxSeriesPerBroker ? (kMaxSeriesPerBroker - known) / feeds.size() : 0;
}

bool is_capture(const FeedPlan& plan) { return plan.kind == SourceKind::capture; }

FeedPlan plan_of(const BrokerConfig& broker, const PlannedFeed& feed) {
  FeedPlan plan{.broker = broker.name,
                .source = feed.options.source,
                .kind = feed.options.kind,
                .coverage = &feed.coverage()};
  for (const AuthorityConfig& row : broker.authority) {
    if (row.source != plan.source) continue;
    if (row.packet) {
      plan.claims.push_back({*row.packet, row.direction});
    } else {
      (row.denials ? plan.claims_denials : plan.claims_closes) = true;
    }
  }
  return plan;
}

std::unique_ptr<Decoder> decoder_of(const BrokerConfig& broker, const SourceConfig& source) {
  if (!source.needs_profile()) return nullptr;
  auto decoder = make_decoder(source.profile, source.kind());
  const auto* log = std::get_if<LogOptions>(&source.options);
  if (log == nullptr) return decoder;
  const auto log_envelope = [name = broker.name, of = source.name](Envelope envelope) {
    spdlog::info("broker {}, source {}: envelope of the lines: {}", name, of, to_string(envelope));
  };
  const auto log_service = [name = broker.name, of = source.name](const std::string& service) {
    spdlog::info("broker {}, source {}: service of the broker: {}; lines of other services are not read",
                 name, of, printable(service));
  };
  const auto log_refused = [name = broker.name, of = source.name](std::string_view why) {
    spdlog::warn("broker {}, source {}: {}", name, of, why);
  };
  return unwrap(log->envelope, std::move(decoder), log_envelope, log_service, log_refused);
}

/// Sets what each feed counts: normally, and while the broker's capture cannot read anything.
Result<void> set_authorities(const BrokerConfig& broker, const std::shared_ptr<CaptureVisibility>& capture,
                             std::vector<PlannedFeed>& feeds) {
  std::vector<FeedPlan> plans;
  for (const PlannedFeed& feed : feeds) plans.push_back(plan_of(broker, feed));
  if (auto assigned = assign_authority(plans); !assigned) return assigned;
  for (std::size_t i = 0; i < feeds.size(); ++i) feeds[i].options.authority = {plans[i].authority};
  if (std::ranges::none_of(plans, is_capture)) return {};

  std::vector<FeedPlan> others;
  std::ranges::remove_copy_if(plans, std::back_inserter(others), is_capture);
  if (auto assigned = assign_authority(others); !assigned) return assigned;
  for (PlannedFeed& feed : feeds) {
    const auto other = std::ranges::find(others, feed.options.source, &FeedPlan::source);
    if (other != others.end()) feed.options.authority.without_capture = other->authority;
    feed.options.capture = capture;
  }
  return {};
}

}  // namespace

const Coverage& PlannedFeed::coverage() const { return decoder ? decoder->coverage() : capture_coverage(); }

Result<std::vector<PlannedFeed>> plan_feeds(const BrokerConfig& broker,
                                            const std::shared_ptr<CaptureVisibility>& capture) {
  std::vector<PlannedFeed> feeds;
  for (const SourceConfig& source : broker.sources) {
    if (source.needs_profile() && source.profile == nullptr) continue;
    FeedOptions options{.broker = broker.name,
                        .source = source.name,
                        .profile = source.profile_name(),
                        .kind = source.kind(),
                        .authority = {}};
    feeds.push_back({&source, std::move(options), decoder_of(broker, source)});
  }
  if (feeds.empty()) return feeds;
  const std::size_t spare = spare_series(feeds);
  for (PlannedFeed& feed : feeds) feed.options.max_series = feed.coverage().codes.size() + spare;
  if (auto set = set_authorities(broker, capture, feeds); !set)
    return fail(Errc::invalid_config, broker.place + "\"authority\": " + set.error().what);
  return feeds;
}

namespace {

std::string where(const SourceConfig& source) {
  if (const auto* log = std::get_if<LogOptions>(&source.options)) {
    const std::string place = log->path == "-" ? "standard input" : log->path;
    if (log->envelope == Envelope::detect || log->envelope == Envelope::plain) return place;
    return place + " in the envelope " + std::string(to_string(log->envelope));
  }
  if (const auto* capture = std::get_if<CaptureOptions>(&source.options))
    return "the packets " + describe(*capture);
  const auto& mqtt = std::get<MqttOptions>(source.options);
  std::string text = mqtt.url + ", topics";
  for (const std::string& topic : mqtt.topics) text += " " + topic;
  return text;
}

/// "CONNACK sent, DISCONNECT received, publish denials without a code, ends of connections without a code".
std::string coverage_text(const Coverage& coverage) {
  std::string words = shown(coverage, all_of(coverage));
  if (!coverage.closes.empty())
    words += (words.empty() ? "" : ", ") + std::string("ends of connections without a code");
  return words.empty() ? "nothing" : words;
}

}  // namespace

Result<ResumableSource> open_source(const BrokerConfig& broker, const SourceConfig& config,
                                    const StateStore& state, std::optional<ResumableSource> handed_over) {
  ResumableSource open = handed_over ? std::move(*handed_over) : ResumableSource();
  ResumePoint& resume = open.resume;
  resume.handed_over = handed_over.has_value();
  if (open.input) return open;
  const auto* log = std::get_if<LogOptions>(&config.options);
  if (log != nullptr && log->from != LogOptions::From::checkpoint) {
    resume.store = nullptr;
  } else if (!resume.store) {
    resume.store =
        state.checkpoint_store(broker.name.empty() ? std::string(kAutoProfile) : broker.name, config.name);
  }
  if (!resume.handed_over && resume.store) {
    resume.checkpoint = resume.store->found();
    resume.may_be_old = resume.store->may_be_old();
  }
  const std::string& position = resume.checkpoint.position;
  if (log != nullptr) {
    LogOptions options = *log;
    if (!position.empty()) options.from = LogOptions::From::checkpoint;
    open.input = std::make_unique<RecordInput>(make_log_source(options, position));
    return open;
  }
  if (const auto* capture = std::get_if<CaptureOptions>(&config.options)) {
    open.input = make_live_capture_input(*capture);
    return open;
  }
  auto made = make_mqtt_source(std::get<MqttOptions>(config.options), position);
  if (!made) return tl::make_unexpected(made.error());
  open.input = std::make_unique<RecordInput>(std::move(*made));
  return open;
}

namespace {

/// Restores the state of the input from the checkpoint, and removes the counters from it if they must not be restored.
void apply_checkpoint(ResumePoint& resume, const PlannedFeed& plan, Input& input, const StateStore& state) {
  const std::string name = "broker " + plan.options.broker + ", source " + plan.options.source;
  const Checkpoint& found = resume.checkpoint;
  bool restores_counters = false;
  if (!found.profile.empty() && found.profile == plan.options.profile) {
    ByteReader saved(found.decoder);
    if (!input.restore_state(saved)) {
      spdlog::info(
          "{}: the profile has changed: the MQTT versions of the clients are not known until they connect "
          "again",
          name);
    }
    // An older checkpoint lacks records. Only a source that reads them again can count them.
    const bool reads_past = plan.source->kind() == SourceKind::log && !found.position.empty();
    restores_counters =
        (resume.handed_over || state.restores_counters()) && (reads_past || !resume.may_be_old);
  } else if (!found.profile.empty()) {
    spdlog::info("{}: the checkpoint is of another profile, {}: counters start at 0", name,
                 printable(found.profile));
  }
  if (restores_counters) return;
  resume.checkpoint.counts.clear();
  resume.may_be_old = false;
}

}  // namespace

std::unique_ptr<Feed> make_feed(PlannedFeed plan, ResumableSource open, const StateStore& state) {
  if (RecordInput* records = open.input->records()) records->set_decoder(std::move(plan.decoder));
  apply_checkpoint(open.resume, plan, *open.input, state);
  return std::make_unique<Feed>(std::move(plan.options), std::move(open.input), std::move(open.resume));
}

std::string warning_of(const BrokerConfig& broker, const SourceConfig& source) {
  const auto* mqtt = std::get_if<MqttOptions>(&source.options);
  const std::string warning = mqtt == nullptr ? "" : plain_password_warning(*mqtt);
  if (warning.empty()) return {};
  return printable(
      (broker.name.empty() ? "" : "broker " + broker.name + ", ") + "source " + source.name + ": " + warning,
      kMessageBytes);
}

std::string describe(const BrokerConfig& broker, const SourceConfig& source) {
  std::string text = broker.name.empty() ? "" : "broker " + broker.name + ", ";
  text +=
      "source " + source.name + ": reads " + where(source) + "; its first records choose the profile from:";
  for (const auto& profile : broker.candidates) text += " " + profile->name;
  return printable(text, kMessageBytes);
}

std::string describe(const PlannedFeed& plan) {
  const SourceConfig& source = *plan.source;
  std::string text =
      "broker " + plan.options.broker + ", source " + plan.options.source + ": reads " + where(source);
  if (source.needs_profile()) text += " with profile " + source.profile->name;
  text += "; can show " + coverage_text(plan.coverage());
  if (!source.needs_profile()) return printable(text, kMessageBytes);
  if (const std::string& setting = source.profile->source(source.kind()).setting; !setting.empty())
    text += "; required broker setting: " + setting;
  return printable(text, kMessageBytes);
}

}  // namespace mre
