// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/detect.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string_view>

#include "exporter/base/text.h"
#include "exporter/profile/match/message_start.h"

namespace mre {
namespace {

/// Fewer of its own records prove nothing.
constexpr std::uint64_t kFewest = 3;
/// Of fewer records than this, each must be its own.
constexpr std::uint64_t kFew = 8;
/// A profile that says what its broker writes before each message needs less than half, if no other profile
/// knows any record: brokers write much that is not about clients. Most must be of its shape then.
constexpr std::uint64_t kAloneFewest = 20;
constexpr std::uint64_t kAloneShare = 5;  // of this many records, one
/// Of this many records of the leader, one may be of another profile alone: a stranger's.
constexpr std::uint64_t kDominance = 10;
/// Of this many records of the leader, one must be unknown to each other profile.
constexpr std::uint64_t kAhead = 3;
/// Clients that one decoder remembers: what a record is does not depend on them.
constexpr std::size_t kClients = 64;

/// Whether a plugin of the broker wrote the line through logrus, as Go programs do: Mosquitto's
/// authentication plugins fill a log with them. It says nothing about the broker.
bool is_of_plugin(const Record& record) {
  return record.topic.empty() && record.payload.starts_with("time=\"");
}

/// The time stamp of a line with 9 for each digit and a for each letter; empty if it has none.
std::string form_of_time(std::string_view line) {
  std::string form(line.substr(0, time_stamp_length(line)));
  for (char& c : form) {
    if (is_digit(c)) c = '9';
    if (is_letter(c)) c = 'a';
  }
  return form;
}

constexpr std::string_view kTemplate = "generic";

constexpr std::string_view kAwsTopics = "$aws/";

bool reads_aws(const std::shared_ptr<const Profile>& profile) {
  return std::ranges::any_of(profile->mqtt.topics,
                             [](std::string_view topic) { return topic.starts_with(kAwsTopics); });
}

}  // namespace

Result<std::vector<std::shared_ptr<const Profile>>> detectable_profiles(std::span<const std::string> files) {
  std::vector<std::shared_ptr<const Profile>> profiles;
  for (const std::string& file : files) {
    auto profile = load_profile_file(file);
    if (!profile) return tl::make_unexpected(profile.error());
    std::erase_if(profiles, [&](const auto& known) { return known->name == (*profile)->name; });
    profiles.push_back(std::move(*profile));
  }
  for (const EmbeddedProfile& embedded : embedded_profiles()) {
    const std::string_view name = embedded.name();
    if (name == kTemplate) continue;
    if (std::ranges::any_of(profiles, [&](const auto& known) { return known->name == name; })) continue;
    auto profile = load_embedded_profile(embedded);
    if (!profile) return tl::make_unexpected(profile.error());
    profiles.push_back(std::move(*profile));
  }
  return profiles;
}

ProfileDetector::ProfileDetector(std::span<const std::shared_ptr<const Profile>> candidates,
                                 SourceKind kind) {
  for (const auto& profile : candidates) {
    if (profile->source(kind).supported)
      readers_.push_back(
          {profile, make_decoder(profile, kind, kClients), std::make_unique<LineFinder>(*profile, kind)});
  }
  only_.resize(readers_.size() * readers_.size());
  aws_ = std::ranges::any_of(readers_, [](const Reader& reader) { return reads_aws(reader.profile); });
}

ProfileDetector::~ProfileDetector() = default;

/// Whether a broker that reserves what its standard says has written it: MQTT 5.0 section 4.7.2 names $SYS/
/// alone, and AWS IoT reserves $aws/. Below every other name, also one that begins with $, clients publish.
bool ProfileDetector::is_evidence(const Record& record) const {
  if (record.retained || record.payload.empty()) return false;
  return record.topic.empty() || record.topic.starts_with("$SYS/") ||
         (aws_ && record.topic.starts_with(kAwsTopics));
}

bool ProfileDetector::add(const Record& record) {
  if (!is_evidence(record) || is_of_plugin(record)) return false;
  if (records_ == kMemory) forget();
  NoSink no_sink;
  for (Reader& reader : readers_) {
    const Outcome outcome = reader.decoder->decode(record, no_sink).outcome;
    reader.knows = outcome == Outcome::matched || outcome == Outcome::ignored;
    if (reader.knows) ++reader.own;
    const bool is_shaped = has_shape_of(reader, record);
    if (is_shaped) ++reader.shaped;
    if (!reader.knows && !is_shaped && record.topic.empty() && reader.finder->knows_inside(record.payload))
      ++reader.near;
  }
  const bool known = std::ranges::any_of(readers_, &Reader::knows);
  ++records_;
  ++seen_;
  for (std::size_t a = 0; a < readers_.size(); ++a) {
    if (!readers_[a].knows) continue;
    for (std::size_t b = 0; b < readers_.size(); ++b) {
      if (!readers_[b].knows) ++only(a, b);
    }
  }
  return known;
}

/// Whether the line begins as the broker's lines do. If the profile names no prefix, the lines that it knows
/// show how their time is written.
bool ProfileDetector::has_shape_of(Reader& reader, const Record& record) {
  if (!record.topic.empty()) return false;
  Captures unused;
  if (!reader.profile->prefixes.empty())
    return reader.profile->find_prefix(record.payload, unused).prefix != nullptr;
  std::string form = form_of_time(record.payload);
  if (form.empty() || (!reader.knows && form != reader.form)) return false;
  reader.form = std::move(form);
  return true;
}

bool ProfileDetector::recognises(std::string_view line) {
  return std::ranges::any_of(readers_,
                             [&](const Reader& reader) { return reader.decoder->recognises(line); });
}

void ProfileDetector::forget() {
  records_ = 0;
  for (Reader& reader : readers_) {
    reader.own = reader.shaped = reader.near = 0;
    reader.form.clear();
  }
  std::ranges::fill(only_, 0);
}

bool ProfileDetector::clear(std::size_t leader) const {
  const std::uint64_t own = readers_[leader].own;
  if (own < kFewest) return false;
  if (records_ < kFew && own < records_) return false;
  const bool most = own * 2 > records_;
  const bool shaped = readers_[leader].shaped * 2 > records_;
  if (!most && (!shaped || own < kAloneFewest || own * kAloneShare < records_)) return false;
  for (std::size_t other = 0; other < readers_.size(); ++other) {
    if (other == leader) continue;
    if (!most && only(other, leader) > 0) return false;
    if (only(other, leader) * kDominance > own) return false;  // two brokers' records
    if (only(leader, other) * kAhead < own) return false;      // too much is both's
  }
  return true;
}

/// The readers, who knows most first.
std::vector<std::size_t> ProfileDetector::by_own() const {
  std::vector<std::size_t> order(readers_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::ranges::greater(), [this](std::size_t i) { return readers_[i].own; });
  return order;
}

std::optional<ProfileDetector::Verdict> ProfileDetector::verdict() const {
  const auto order = by_own();
  if (order.empty() || !clear(order[0])) return {};
  const Reader& leader = readers_[order[0]];
  std::string reason =
      std::to_string(leader.own) + " of " + std::to_string(records_) + " records are its own, ";
  const Reader* next = order.size() > 1 ? &readers_[order[1]] : nullptr;
  if (next == nullptr || next->own == 0) {
    reason += "no other profile knows any";
  } else {
    reason += "next best " + next->profile->name + " with " + std::to_string(next->own);
  }
  return Verdict{leader.profile, std::move(reason)};
}

const Profile* ProfileDetector::near_miss() const {
  const auto nearest = std::ranges::max_element(readers_, {}, &Reader::near);
  if (nearest == readers_.end() || nearest->near < kFewest || nearest->near * 2 <= records_) return nullptr;
  return nearest->profile.get();
}

std::string ProfileDetector::standing() const {
  if (const Profile* const profile = near_miss()) {
    return "these are messages of " + profile->title + ", but the lines begin in a way that the profile " +
           profile->name + " does not know";
  }
  const auto order = by_own();
  if (order.empty() || readers_[order[0]].own == 0)
    return "of " + std::to_string(records_) + " records no profile knows any";
  std::string text = "of " + std::to_string(records_) + " records ";
  for (const std::size_t i : order) {
    const Reader& reader = readers_[i];
    if (reader.own == 0) break;
    const bool first = i == order[0];
    text +=
        (first ? "" : ", ") + reader.profile->name + (first ? " knows " : " ") + std::to_string(reader.own);
  }
  return text + " (needed are more than half, or all of fewer than " + std::to_string(kFew) + ", or " +
         std::to_string(kAloneFewest) + " and a fifth among lines that begin as the broker's)";
}

}  // namespace mre
