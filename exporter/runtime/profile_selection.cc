// SPDX-License-Identifier: Apache-2.0
#include "exporter/runtime/profile_selection.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "exporter/envelope/unwrap.h"

namespace mre {
namespace {

constexpr Deadline kPast{};  // asks a source for what is there already
/// Records of one source that are read before the next source and the verdict.
constexpr int kBatch = 200;
/// The longest wait for one of several sources.
constexpr auto kTurn = std::chrono::milliseconds(100);

/// Passes each line of the broker, without its envelope, to the detector.
class DetectorInput final : public StatelessDecoder {
 public:
  explicit DetectorInput(ProfileDetector& detector) : detector_(detector) {}

  Decoded decode(const Record& record, EventSink&) override {
    if (!detector_.add(record)) return {};
    return {Outcome::ignored, RecordError::none, {}};
  }
  bool recognises(std::string_view line) override { return detector_.recognises(line); }

 private:
  ProfileDetector& detector_;
};

}  // namespace

struct ProfileSelection::Watched {
  Watched(std::string of, std::span<const std::shared_ptr<const Profile>> candidates, SourceKind kind,
          Envelope envelope, RecordInput& from)
      : name(std::move(of)),
        source(from),
        detector(candidates, kind),
        way(unwrap(kind == SourceKind::log ? envelope : Envelope::plain,
                   std::make_unique<DetectorInput>(detector), {}, {},
                   [this](std::string_view why) { spdlog::warn("source {}: {}", name, why); })) {}

  void show(const Record& record) {
    NullSink null_sink;
    way->decode(record, null_sink);
    ++looked_at;
  }

  std::string name;
  RecordInput& source;
  ProfileDetector detector;
  std::unique_ptr<Decoder> way;
  std::uint64_t looked_at = 0;
  bool ended = false;
};

ProfileSelection::ProfileSelection(std::span<const std::shared_ptr<const Profile>> candidates)
    : candidates_(candidates) {}

ProfileSelection::~ProfileSelection() = default;

void ProfileSelection::add(std::string name, SourceKind kind, Envelope envelope, RecordInput& source,
                           std::string_view past) {
  source.rewind();
  sources_.push_back(std::make_unique<Watched>(std::move(name), candidates_, kind, envelope, source));
  while (!past.empty()) {
    const std::size_t end = std::min(past.find('\n'), past.size());
    sources_.back()->show({past.substr(0, end), {}, false});
    past.remove_prefix(std::min(end + 1, past.size()));
  }
}

Result<std::optional<ProfileSelection::Choice>> ProfileSelection::poll(Deadline deadline) {
  if (auto chosen = choice()) return chosen;
  const auto took = consume_available();
  if (!took) return tl::make_unexpected(took.error());
  if (!*took && !ended()) {
    if (auto waited = wait(deadline); !waited) return tl::make_unexpected(waited.error());
  }
  return choice();
}

/// Reads one record. False: there was none until the deadline, or the source has ended.
Result<bool> ProfileSelection::consume(Watched& watched, Deadline deadline) {
  const auto record = watched.source.peek(deadline);
  if (!record) {
    if (record.error().code != Errc::end_of_stream) return tl::make_unexpected(record.error());
    watched.ended = true;
    return false;
  }
  if (!*record) return false;
  watched.show(**record);
  return true;
}

/// Reads what is available from every source, also if one of them fails. True if there was anything.
Result<bool> ProfileSelection::consume_available() {
  bool any = false;
  std::optional<Error> error;
  for (const auto& watched : sources_) {
    for (int i = 0; i < kBatch && !watched->ended; ++i) {
      const auto took = consume(*watched, kPast);
      if (!took) error = took.error();
      if (!took || !*took) break;
      any = true;
    }
  }
  if (error) return tl::make_unexpected(*error);
  return any;
}

Result<void> ProfileSelection::wait(Deadline deadline) {
  for (const auto& watched : sources_) {
    if (watched->ended) continue;
    const bool alone = sources_.size() == 1;
    const auto took =
        consume(*watched, alone ? deadline : std::min(deadline, std::chrono::steady_clock::now() + kTurn));
    if (!took) return tl::make_unexpected(took.error());
    if (*took) return {};
  }
  return {};
}

std::optional<ProfileSelection::Choice> ProfileSelection::choice() const {
  for (const auto& watched : sources_) {
    if (auto verdict = watched->detector.verdict())
      return Choice{std::move(verdict->profile), "in source " + watched->name + " " + verdict->reason};
  }
  return {};
}

bool ProfileSelection::ended() const {
  return std::ranges::all_of(sources_, [](const auto& watched) { return watched->ended; });
}

std::uint64_t ProfileSelection::records() const {
  std::uint64_t records = 0;
  for (const auto& watched : sources_) records += watched->looked_at;
  return records;
}

std::string ProfileSelection::near_miss(std::size_t source) const {
  const Profile* const profile = sources_[source]->detector.near_miss();
  return profile == nullptr ? std::string() : profile->name;
}

std::string ProfileSelection::summary() const {
  std::string text;
  for (const auto& watched : sources_) {
    text += (text.empty() ? "source " : "; source ") + watched->name + ": ";
    const bool mute = watched->looked_at > 0 && watched->detector.records() == 0;
    text += mute ? std::to_string(watched->looked_at) +
                       " records, but none to detect a profile from: they are empty, retained, in another "
                       "envelope, or on topics of clients"
                 : watched->detector.explanation();
  }
  return text;
}

}  // namespace mre
