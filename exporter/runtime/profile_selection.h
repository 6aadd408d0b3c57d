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
#include "exporter/input/peekable_source.h"
#include "exporter/profile/detect.h"

namespace mre {

/// Chooses the profile of one broker by the first records of its sources, which stay there to be counted. The
/// first source that tells decides for all. One thread.
class ProfileSelection {
 public:
  struct Choice {
    std::shared_ptr<const Profile> profile;
    std::string reason;  ///< "in source log 14 of 16 records are its own, …"
  };

  /// `candidates` must outlive it.
  explicit ProfileSelection(std::span<const std::shared_ptr<const Profile>> candidates);
  ~ProfileSelection();

  /// The source must outlive it. `past`: lines that stood in its log before; they tell, and are not counted.
  void add(std::string name, SourceKind kind, Envelope envelope, PeekableSource& source,
           std::string_view past = {});

  /// Looks at what is there, or else waits until `deadline` for a record of any source. Errors: the sources',
  /// but the end of a stream; what the others gave until then counts all the same.
  Result<std::optional<Choice>> poll(Deadline deadline);

  bool ended() const;             ///< Every source is at its end.
  std::uint64_t records() const;  ///< Looked at until now, the past included.
  /// The name of the profile of whose messages most lines of a source are, by its number; see
  /// ProfileDetector::near_miss. Empty if there is none.
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
