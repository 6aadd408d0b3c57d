// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/event/envelope.h"
#include "exporter/input/record_input.h"
#include "exporter/profile/detect.h"

namespace mre {

/// Detects the profile of one broker from the first records of its sources, which remain there to be counted. The
/// first source with a result decides for all. One thread.
class ProfileSelection {
 public:
  struct Choice {
    std::shared_ptr<const Profile> profile;
    std::string reason;  ///< "in source log 14 of 16 records are its own, …"
  };

  /// `candidates` must outlive it.
  explicit ProfileSelection(std::span<const std::shared_ptr<const Profile>> candidates);
  ~ProfileSelection();

  /// Adds a source, which must outlive this. `past`: earlier lines of its log, used for the detection only.
  void add(std::string name, SourceKind kind, Envelope envelope, RecordInput& source,
           std::string_view past = {});

  /// Reads what is available, or waits until `deadline` for a record of any source. Errors: those of the sources
  /// except the end of a stream. What the other sources delivered is used all the same.
  Result<std::optional<Choice>> poll(Deadline deadline);

  bool ended() const;             ///< Every source is at its end.
  std::uint64_t records() const;  ///< Read until now, including `past`.
  /// The profile whose messages most lines of a source contain, though their beginning is unknown to it; see
  /// ProfileDetector::near_miss. `source` is an index in the order of `add`. Empty if there is none.
  std::string near_miss(std::size_t source) const;
  std::string summary() const;  ///< "source log: of 40 records mosquitto knows 3, …"

 private:
  struct Watched;

  Result<bool> consume(Watched& watched, Deadline deadline);
  Result<bool> consume_available();
  Result<void> wait(Deadline deadline);
  std::optional<Choice> choice() const;

  const std::span<const std::shared_ptr<const Profile>> candidates_;
  std::vector<std::unique_ptr<Watched>> sources_;
};

}  // namespace mre
