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

/// So many records in a row that the profile does not know are not its broker's.
constexpr std::uint64_t kStrangeRecords = 1000;

bool fits(const FeedSample& sample) { return sample.unread_streak < kStrangeRecords; }

/// What of the coverage `visibility` shows, or what it does not, each once and in the order of the coverage.
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
  const std::uint64_t strange = sample.records[static_cast<std::size_t>(Outcome::unrecognised)];
  std::string none;
  if (understood == 0 && strange > 0) none = std::to_string(strange) + " records so far";
  if (understood > 0 && !fits(sample)) none = "latest " + std::to_string(sample.unread_streak) + " records";
  if (!none.empty()) {
    return "none of the " + none + " was recognised. Is " + sample.profile +
           " the broker that writes them? \"replay --explain\" shows what a profile reads.";
  }
  const Visibility& visibility = sample.visibility;
  if (visibility.to_set.empty()) return {};
  const std::string level = visibility.level.empty() ? "" : " of the level " + visibility.level;
  return "the latest records" + level + " do not show " + listed(sample.coverage, visibility, false) +
         ". To see more, set: " + visibility.to_set;
}

/// Once that the broker is of a version that its profile was not checked against.
void SourceLog::log_version(const FeedSample& sample) {
  const DecoderStats& decoder = sample.decoder;
  if (decoder.broker_version == version_) return;
  version_ = decoder.broker_version;
  if (decoder.broker_version_checked || version_.empty()) return;
  spdlog::warn(
      "{}: the broker is of version {}, which the profile {} was not checked against: records may be missed; "
      "watch mqtt_reason_source_records_total{{outcome=\"unrecognised\"}}",
      name_of(sample), version_, sample.profile);
}

/// When the profile no longer fits the records, and when it does again.
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
  const std::uint64_t unsaid = std::exchange(changes_, 0) - 1;
  spdlog::log(level, "{}: {}{}", name_of(sample), printable(now.text, kMessageBytes),
              unsaid == 0 ? "" : " (after " + std::to_string(unsaid) + " changes that are not logged)");
  logged_ = std::move(now);
}

void SourceLog::log_visibility(const FeedSample& sample) {
  if (sample.visibility == shown_) return;
  const Visibility before = std::exchange(shown_, sample.visibility);
  if (!shown_.to_set.empty() && !advised_) {
    advised_ = true;
    spdlog::info("{}: {}", name_of(sample), printable(advice(sample), kMessageBytes));
  } else if (shown_.to_set.empty() && !before.to_set.empty()) {
    spdlog::info("{}: the records show {} now", name_of(sample), shown(sample.coverage, shown_));
  }
}

}  // namespace mre
