// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "exporter/runtime/event_histories.h"
#include "exporter/runtime/feed_setup.h"
#include "exporter/runtime/profile_selection.h"

namespace mre {

/// One running broker of the configuration, with a feed for each of its sources.
///
/// With the profile `auto`, a thread of the broker first reads the records of all sources except captures until it
/// has detected the profile. Then the feeds are made as if the profile had been named, and they count the records
/// that the detection has read. Until then each of these sources has a sample without codes and with the profile
/// "auto", and a broker without a name is called "auto".
class Broker {
 public:
  /// What a broker hands over to its successor after a reload, by the name of the source.
  using Handover = std::map<std::string, ResumableSource, std::less<>>;

  /// Opens the sources; those that were handed over continue at their position. Errors: invalid_config; then nothing
  /// was started. `state` and `histories`, which may be null, must outlive the broker.
  static Result<std::unique_ptr<Broker>> make(const BrokerConfig& config, const StateStore& state,
                                              EventHistories* histories = nullptr, Handover handed_over = {});
  ~Broker();  ///< Stops.
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  void start();         ///< Once. Logs what is read.
  void request_stop();  ///< Starts what `stop` waits for.
  void stop();          ///< Stops the threads and joins them.
  /// Stops, and returns what the same broker resumes from under the configuration `next`. Sources that are the same
  /// in `next` are handed over as they are; the others are closed. Afterwards the samples keep the last values.
  Handover hand_over(const BrokerConfig& next);

  /// One for each source, with the current values. Any thread.
  std::vector<FeedSample> samples() const;
  /// One for each source, with the values that a scrape may show (Feed::scrape). Any thread.
  std::vector<FeedSample> scrape();
  /// Writes the checkpoints that are due, and returns when to call it again (Feed::write_due_checkpoint). Any thread.
  Deadline write_due_checkpoints();

 private:
  /// A source whose profile is not detected yet.
  struct Waiting {
    std::size_t index;  // in the config
    ResumableSource open;
    SourceLog log = {};
  };

  /// The feeds and the waiting sources at one moment.
  struct Present {
    std::vector<Feed*> feeds;
    std::vector<FeedSample> samples;  // of the sources that wait
  };

  Broker(const BrokerConfig& config, const StateStore& state, EventHistories* histories);

  Result<void> open(Handover handed_over);
  std::shared_ptr<EventHistory> history() const;
  Result<std::vector<std::unique_ptr<Feed>>> make_feeds(std::vector<ResumableSource> sources);
  void set_waiting(std::vector<ResumableSource>& sources);
  std::shared_ptr<const Profile> checkpointed_profile(const std::vector<ResumableSource>& sources) const;
  void set_profile(const std::shared_ptr<const Profile>& profile, SourceConfig& config,
                   ResumableSource& open);
  void log_descriptions();
  void stop_detection();
  void hand_over_waiting(const BrokerConfig& next, Handover& sources);
  void hand_over_feeds(const BrokerConfig& next, Handover& sources);
  Present present() const;
  void detect_profile(const std::stop_token& stop);
  void apply(const ProfileSelection::Choice& choice);
  void advise(const ProfileSelection& choice);
  FeedSample sample_of(const Waiting& waiting) const;
  void publish(const ProfileSelection* choice, std::uint64_t records, const std::string& error);
  void pause(const std::stop_token& stop);

  BrokerConfig config_;  // the chosen profile is filled in
  const StateStore& state_;
  EventHistories* const histories_;  // may be null
  const std::shared_ptr<CaptureVisibility> capture_ = std::make_shared<CaptureVisibility>();
  std::vector<std::string> descriptions_;  // of the feeds, to be logged
  std::vector<Waiting> waiting_;           // of the detector, except for `interrupt`
  std::string advice_;                     // of the detector; empty until it was logged
  std::string logged_error_;               // of the detector
  std::uint64_t records_ = 0;              // of the detector: read until the last `publish`

  /// What other threads read. `mutex` guards the other members, and `waiting_` while it is handed over.
  struct Shared {
    mutable std::mutex mutex;
    std::vector<std::unique_ptr<Feed>> feeds;  // of the sources that have a profile, or need none
    std::vector<FeedSample> samples;           // of the other sources
  };
  Shared shared_;

  std::mutex pause_mutex_;
  std::condition_variable_any pause_;
  std::jthread detector_;
};

}  // namespace mre
