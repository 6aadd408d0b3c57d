// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/base/guarded.h"
#include "exporter/clients/identity.h"
#include "exporter/clients/known_clients.h"
#include "exporter/clients/recent_events.h"
#include "exporter/clients/top_clients.h"

namespace mre {

/// Who is behind the events of one broker: its last events, and the clients with the most events. Filled by the feeds
/// of the broker, read by pages and the API. Any thread; bounded memory, at most 4 MiB; gone with the process.
///
/// Only remarkable events (any_event.h) that are counted are kept: an event that another source of the broker counts is
/// not added. Nothing of it is in the metrics, the exporter's own log or a checkpoint.
class EventHistory {
 public:
  /// Receives each added event, also while nothing is remembered. Called on the thread of a feed; must not block.
  using Listener = std::function<void(const RecentEvent&)>;

  /// `exemplars`: the metrics show the last client of each error series.
  EventHistory(const IdentityFilter& identity, double now_seconds, Listener listener = nullptr,
               bool exemplars = false);

  /// Whether events are kept. Off forgets all.
  void remember(bool on);
  bool remembers() const { return remembers_.load(std::memory_order_relaxed); }

  /// Whether `add` does anything.
  bool wants_events() const { return remembers() || listener_ != nullptr || exemplars_; }
  bool shows_exemplars() const { return exemplars_; }

  /// Adds a remarkable event. `subject` is as the record has it; a missing client id is looked up by the peer.
  /// `now_seconds`: when it was read, which is its time if the subject has none. Returns what the identity allows to
  /// show; empty if there are neither a listener nor exemplars.
  OwnedSubject add(const std::string& source, const AnyEvent& event, const Subject& subject,
                   double now_seconds);

  /// A client has introduced itself; see EventSink::on_client.
  void introduce(const Subject& subject);

  struct Recent {
    std::vector<RecentEvent> events;  ///< Newest first.
    std::uint64_t added = 0;          ///< Since the start.
    std::uint64_t dropped = 0;        ///< Of these, those that had to make room.
  };
  Recent recent() const;

  /// See TopClients::lists.
  std::vector<TopList> top(Period period, double now_seconds, std::size_t max_clients) const;

 private:
  struct Data {
    explicit Data(double now_seconds) : top(now_seconds) {}
    RecentEvents recent;
    TopClients top;
    KnownClients known;
    std::uint64_t added = 0;
  };

  std::uint64_t hash(std::string_view text) const;

  const IdentityFilter identity_;
  const Listener listener_;
  const bool exemplars_;
  const double started_seconds_;
  const std::uint64_t seed_;
  std::atomic<bool> remembers_ = false;
  mutable Guarded<Data> data_;
};

/// The history of a broker, for those who read it.
struct NamedHistory {
  std::string broker;
  std::shared_ptr<const EventHistory> history;
};

}  // namespace mre
