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

/// The minimum number of known records for a verdict.
constexpr std::uint64_t kMinOwn = 3;
/// With fewer records than this, the profile must know each of them.
constexpr std::uint64_t kFew = 8;
/// A profile needs to know only one in kAloneShare records if no other profile knows any and most lines have
/// its form: brokers write many lines that are not about clients.
constexpr std::uint64_t kMinOwnAlone = 20;
constexpr std::uint64_t kAloneShare = 5;  // one in this many records
/// Of this many known records of the leader, one may be known to another profile only.
constexpr std::uint64_t kDominance = 10;
/// Of this many known records of the leader, one must be unknown to each other profile.
constexpr std::uint64_t kAhead = 3;
/// Clients that one decoder remembers. Whether a profile knows a record does not depend on them.
constexpr std::size_t kClients = 64;

/// Whether a plugin of the broker wrote the line with logrus (Go): Mosquitto's authentication plugins fill a
/// log with such lines. They say nothing about the broker.
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

/// Whether only the broker can have written the record. Topics below $SYS/ are reserved by MQTT 5.0 section
/// 4.7.2, those below $aws/ by AWS IoT. Clients can publish to all others, also to those that begin with $.
bool ProfileDetector::is_evidence(const Record& record) const {
  if (record.retained || record.payload.empty()) return false;
  return record.topic.empty() || record.topic.starts_with("$SYS/") ||
         (aws_ && record.topic.starts_with(kAwsTopics));
}

bool ProfileDetector::add(const Record& record) {
  if (!is_evidence(record) || is_of_plugin(record)) return false;
  if (records_ == kMemory) forget();
  NullSink null_sink;
  for (Reader& reader : readers_) {
    const Outcome outcome = reader.decoder->decode(record, null_sink).outcome;
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

/// Whether the line begins like the broker's lines. If the profile has no prefix, the form of the time stamp
/// is taken from the lines that it knows.
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
  if (own < kMinOwn) return false;
  if (records_ < kFew && own < records_) return false;
  const bool most = own * 2 > records_;
  const bool shaped = readers_[leader].shaped * 2 > records_;
  if (!most && (!shaped || own < kMinOwnAlone || own * kAloneShare < records_)) return false;
  for (std::size_t other = 0; other < readers_.size(); ++other) {
    if (other == leader) continue;
    if (!most && only(other, leader) > 0) return false;
    if (only(other, leader) * kDominance > own) return false;  // records of two brokers
    if (only(leader, other) * kAhead < own) return false;      // too many are known to both
  }
  return true;
}

/// The readers, sorted by the number of known records, largest first.
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
  if (nearest == readers_.end() || nearest->near < kMinOwn || nearest->near * 2 <= records_) return nullptr;
  return nearest->profile.get();
}

std::string ProfileDetector::explanation() const {
  if (const Profile* const profile = near_miss()) {
    return "the lines contain messages of " + profile->title + ", but begin in a way that the profile " +
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
  return text + "; it must know more than half of them (all, if there are fewer than " +
         std::to_string(kFew) + "), or " + std::to_string(kMinOwnAlone) +
         " and a fifth of all if the lines begin as that broker's lines do";
}

}  // namespace mre
