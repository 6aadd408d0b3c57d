#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "exporter/feed/drive.h"

namespace mre {

/// One source, its decoder and its counters on one thread.
///
/// The thread owns all three. Others read a copy of the counters that it publishes between two records: when
/// the source has nothing more right now, and at the latest every 4096 records or 100 ms. So a scrape sees
/// one moment, and holds the feed up for one copy at most.
class Feed {
 public:
  Feed(FeedOptions options, std::unique_ptr<Source> source, std::unique_ptr<Decoder> decoder);
  ~Feed();  ///< Stops.
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  void start();  ///< Once.
  /// Ends the thread and waits for it; it may count what is there already for another 100 ms. `sample` keeps
  /// the end.
  void stop();

  /// What was published last; before `start` everything is 0. Any thread.
  FeedSample sample() const;

 private:
  void run(const std::stop_token& stop);
  Result<void> round();
  void recovered();
  void wait_after(const Error& error, const std::stop_token& stop);
  void publish();
  void log_change();

  const std::unique_ptr<Source> source_;
  const std::unique_ptr<Decoder> decoder_;
  Drive drive_;
  std::string error_;      // why the source failed; empty while it does not
  unsigned failures_ = 0;  // in a row
  bool logged_up_ = false;
  std::string logged_state_;

  mutable std::mutex published_mutex_;
  FeedSample published_;

  std::mutex wait_mutex_;
  std::condition_variable_any wait_;
  std::jthread thread_;
};

}  // namespace mre
