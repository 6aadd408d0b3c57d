// SPDX-License-Identifier: Apache-2.0
#include "exporter/feed/source_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "exporter/base/join.h"
#include "exporter/base/text.h"

namespace mre {
namespace {

std::string name_of(const FeedSample& sample) {
  return "broker " + printable(sample.broker) + ", source " + printable(sample.source);
}

/// After this many unread records in a row the profile is considered to be wrong.
constexpr std::uint64_t kMaxUnreadStreak = 1000;

bool fits(const FeedSample& sample) { return sample.unread_streak < kMaxUnreadStreak; }

/// The part of the coverage that `visibility` shows, or does not show, each once and in the order of the coverage.
std::string listed(const Coverage& coverage, const Visibility& visibility, bool is_shown) {
  std::vector<std::string> words;
  const auto add = [&](const auto& event, std::string word) {
    if (visibility.shows(event) == is_shown && std::ranges::find(words, word) == words.end())
      words.push_back(std::move(word));
  };
  for (const ReasonEvent& event : coverage.codes)
    add(event, std::string(to_string(event.packet)) + " " + std::string(to_string(event.direction)));
  for (const DenialEvent& event : coverage.denials)
    add(event, std::string(to_string(event.action)) + " denials without a code");
  return join(words, ", ");
}

}  // namespace

std::string shown(const Coverage& coverage, const Visibility& visibility) {
  return listed(coverage, visibility, true);
}

std::string advice(const FeedSample& sample) {
  const std::uint64_t understood = sample.records[static_cast<std::size_t>(Outcome::matched)] +
                                   sample.records[static_cast<std::size_t>(Outcome::ignored)];
  const std::uint64_t unread = sample.records[static_cast<std::size_t>(Outcome::unrecognised)];
  std::string none;
  if (understood == 0 && unread > 0)
    none = std::to_string(unread) + " records so far";
  else if (!fits(sample))
    none = "latest " + std::to_string(sample.unread_streak) + " records";
  if (!none.empty()) {
    return "none of the " + none + " was recognised: check that the profile " + sample.profile +
           " is the right one. \"replay --explain\" prints what a profile reads.";
  }
  const Visibility& visibility = sample.visibility;
  if (visibility.to_set.empty()) return {};
  const std::string level = visibility.level.empty() ? "" : " of the level " + visibility.level;
  return "the latest records" + level + " do not show " + listed(sample.coverage, visibility, false) +
         ". To see more, set: " + visibility.to_set;
}

/// Logs once that the profile was not checked against the version of the broker.
void SourceLog::log_version(const FeedSample& sample) {
  const DecoderStats& decoder = sample.decoder;
  if (decoder.broker_version == version_) return;
  version_ = decoder.broker_version;
  if (decoder.broker_version_checked || version_.empty()) return;
  spdlog::warn(
      "{}: the broker has version {}, which the profile {} was not tested with: events may be missed. Watch "
      "mqtt_reason_source_records_total{{outcome=\"unrecognised\"}}",
      name_of(sample), version_, sample.profile);
}

/// Logs when the profile no longer fits the records, and when it fits again.
void SourceLog::log_fit(const FeedSample& sample) {
  if (fits(sample) == fits_) return;
  fits_ = !fits_;
  if (fits_) return spdlog::info("{}: the records are recognised again", name_of(sample));
  spdlog::warn("{}: {}", name_of(sample), printable(advice(sample), kMessageBytes));
}

void SourceLog::log_state(const FeedSample& sample, const std::string& error) {
  log_version(sample);
  log_fit(sample);
  State now{sample.status.up && error.empty(), error.empty() ? sample.status.state : error};
  if (now != seen_) {
    seen_ = now;
    ++changes_;
  }
  if (now == logged_ || !limit_.allow(std::chrono::steady_clock::now())) return;
  const bool starting = !logged_.up && sample.status.failures == 0 && error.empty();
  const auto level = now.up || sample.ended || starting ? spdlog::level::info : spdlog::level::warn;
  const std::uint64_t omitted = std::exchange(changes_, 0) - 1;
  // Its counters are complete, but Prometheus still has to scrape them.
  const std::string_view ended =
      sample.ended ? "; its counters are served until the exporter is stopped" : "";
  spdlog::log(level, "{}: {}{}{}", name_of(sample), printable(now.text, kMessageBytes), ended,
              omitted == 0 ? "" : " (" + std::to_string(omitted) + " changes before it were not logged)");
  logged_ = std::move(now);
}

void SourceLog::log_visibility(const FeedSample& sample) {
  if (sample.visibility == shown_) return;
  const Visibility before = std::exchange(shown_, sample.visibility);
  if (!shown_.to_set.empty() && !advised_) {
    advised_ = true;
    spdlog::info("{}: {}", name_of(sample), printable(advice(sample), kMessageBytes));
  } else if (shown_.to_set.empty() && !before.to_set.empty()) {
    spdlog::info("{}: the records now show {}", name_of(sample), shown(sample.coverage, shown_));
  }
}

}  // namespace mre
