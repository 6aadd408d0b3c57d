// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/clients/event_history.h"

namespace mre {

/// The history of each broker. A broker that is reconfigured keeps its history. Any thread.
class EventHistories {
 public:
  /// Receives each added event with the name of its broker. See EventHistory::Listener.
  using Listener = std::function<void(std::string_view broker, const RecentEvent&)>;

  explicit EventHistories(const IdentityFilter& identity, Listener listener = nullptr,
                          bool exemplars = false);

  /// The history of a broker, which is made if there is none yet.
  std::shared_ptr<EventHistory> of(const std::string& broker);

  /// Whether the histories keep events, and why, for people. Off forgets everything.
  struct Remembering {
    bool on = false;
    std::string why;
  };
  void set(Remembering remembering);
  Remembering remembering() const;

  std::vector<NamedHistory> all() const;  ///< Sorted by the name of the broker.

 private:
  const IdentityFilter identity_;
  const Listener listener_;
  const bool exemplars_;
  mutable std::mutex mutex_;  // guards the members below
  Remembering remembering_;
  std::map<std::string, std::shared_ptr<EventHistory>> histories_;
};

}  // namespace mre
