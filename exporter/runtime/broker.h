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

#include "exporter/runtime/feed_setup.h"
#include "exporter/runtime/profile_selection.h"

namespace mre {

/// One broker of the config at work: a feed for each of its sources.
///
/// Where its profile is `auto`, a thread of its own first looks at the records of all sources but a capture,
/// until one of the profiles is clearly theirs; what it polled at is then counted by the feeds, which are
/// made as if the profile had been named. Until then each of these sources has a sample without codes, with
/// the profile "auto", and the broker without a name is called "auto".
class Broker {
 public:
  /// What a broker leaves to the one that takes its place: by the name of the source.
  using Handover = std::map<std::string, OpenSource, std::less<>>;

  /// Opens the sources, those that were handed over where they stand. Errors: a config that cannot be; then
  /// nothing was started. `state` must outlive it.
  static Result<std::unique_ptr<Broker>> make(const BrokerConfig& config, const StateStore& state,
                                              Handover handed_over = {});
  ~Broker();  ///< Stops.
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  void start();         ///< Once. Logs what is read.
  void request_stop();  ///< Begins what `stop` waits for.
  void stop();          ///< Ends the threads and waits for them.
  /// Instead of `stop`: also gives what the same broker goes on from as `next` describes it. A source that is
  /// the same there goes on itself; one that is not has ended. Afterwards the samples still say what there
  /// was.
  Handover hand_over(const BrokerConfig& next);

  /// One for each source, as it is now; any thread.
  std::vector<FeedSample> samples() const;
  /// One for each source, as a scrape may show it (Feed::scrape); any thread.
  std::vector<FeedSample> scrape();
  /// Writes the checkpoints that are due; any thread.
  void write_due_checkpoints();

 private:
  /// A source while the profile is not chosen.
  struct Waiting {
    std::size_t index;       // in the config
    PeekableSource* source;  // of `open`
    OpenSource open;
    SourceLog log = {};
  };

  /// What there is at one moment.
  struct Present {
    std::vector<Feed*> feeds;
    std::vector<FeedSample> samples;  // of the sources that wait
  };

  Broker(const BrokerConfig& config, const StateStore& state);

  Result<void> open(Handover handed_over);
  Result<std::vector<std::unique_ptr<Feed>>> make_feeds(std::vector<OpenSource> sources);
  void set_waiting(std::vector<OpenSource>& sources);
  std::shared_ptr<const Profile> checkpointed_profile(const std::vector<OpenSource>& sources) const;
  void set_profile(const std::shared_ptr<const Profile>& profile, SourceConfig& config, OpenSource& open);
  void log_descriptions();
  void stop_detection();
  Present present() const;
  void detect_profile(const std::stop_token& stop);
  void apply(const ProfileSelection::Choice& choice);
  void advise(const ProfileSelection& choice);
  FeedSample sample_of(const Waiting& waiting) const;
  void publish(const ProfileSelection* choice, std::uint64_t records, const std::string& error);
  void pause(const std::stop_token& stop);

  BrokerConfig config_;  // the chosen profile is filled in
  const StateStore& state_;
  const std::shared_ptr<CaptureVisibility> capture_ = std::make_shared<CaptureVisibility>();
  std::vector<std::string> descriptions_;  // of the feeds, to be logged
  std::vector<Waiting> waiting_;           // the chooser's, but for `interrupt`
  std::string advice_;                     // the chooser's: empty until it was given
  std::string logged_error_;               // the chooser's
  std::uint64_t records_ = 0;              // the chooser's: that came until the last `publish`

  mutable std::mutex mutex_;  // guards the two below, and `waiting_` against being handed over
  std::vector<std::unique_ptr<Feed>> feeds_;  // of the sources whose profile is known, or that need none
  std::vector<FeedSample> samples_;           // of the others

  std::mutex pause_mutex_;
  std::condition_variable_any pause_;
  std::jthread detector_;
};

}  // namespace mre
