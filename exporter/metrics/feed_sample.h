// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "exporter/checkpoint/checkpoint_file.h"
#include "exporter/event/decoder.h"
#include "exporter/event/source_kind.h"
#include "exporter/event/source_status.h"
#include "exporter/metrics/reason_counters.h"

namespace mre {

/// Which (packet, direction) a feed counts as the authority of its broker. Its other events fill
/// mqtt_reason_shadow_codes_total, so that one event is never counted twice.
struct Authority {
  std::array<std::array<bool, mqtt::kDirections>, mqtt::kPackets> codes{};
  bool closes =
      true;  ///< Whether it counts the ends without a code; otherwise this feed does not export them.
  std::array<bool, kActions> denials{};  ///< By Action; likewise.
  /// Another feed counts the codes with which the broker refuses a PUBLISH: a denial that may have had one is
  /// its event. Of those, the denials that had none are not counted.
  bool yields_or_code = false;

  bool counts(const ReasonEvent& event) const {
    return codes.data()[static_cast<std::size_t>(event.packet)]
        .data()[static_cast<std::size_t>(event.direction)];
  }
  bool counts(const CloseEvent&) const { return closes; }
  bool counts(const DenialEvent& event) const {
    return denials[static_cast<std::size_t>(event.action)] && !(event.or_code && yields_or_code);
  }
};

/// What a feed is the authority for, normally and while the capture of its broker cannot read anything.
struct Authorities {
  Authority normal;
  /// While the broker's capture cannot read anything. The same as `normal` if there is no capture.
  Authority without_capture = normal;

  /// Whether the feed counts the event at any time.
  bool ever_counts(const auto& event) const { return normal.counts(event) || without_capture.counts(event); }
  /// Whether another feed counts the event at any time.
  bool ever_yields(const auto& event) const {
    return !normal.counts(event) || !without_capture.counts(event);
  }
};

/// The status of a feed's checkpoint.
struct CheckpointStatus {
  bool durable = false;  ///< The last checkpoint is on disk. False without persistence.
  std::uint64_t writes = 0;
  std::uint64_t failures = 0;                                ///< Writes that failed.
  double last_write_timestamp_seconds = 0;                   ///< Unix time; 0 if there was none yet.
  std::array<std::uint64_t, kCheckpointRejects> rejected{};  ///< At the start, by CheckpointReject.
};

/// Everything that the metrics and the landing page show of one feed, at one moment between two records.
struct FeedSample {
  std::string broker;             ///< Name from the config.
  std::string source;             ///< The source's name in the config.
  std::string profile;            ///< Name of the profile.
  SourceKind kind{};              ///< Of the source.
  std::string near_miss;          ///< Before a profile is detected: the one whose messages the lines contain.
  bool ended = false;             ///< The source reached the end of its stream.
  ReasonCounters::Counts counts;  ///< As the authority of the broker.
  ReasonCounters::Counts shadow;  ///< Events for which another feed of the broker is the authority.
  Authorities authority;
  Coverage coverage;
  Visibility visibility;
  SourceStatus status;
  DecoderStats decoder;
  std::array<std::uint64_t, kOutcomes> records{};  ///< By Outcome.
  std::array<std::uint64_t, kRecordErrors>
      record_errors{};  ///< By RecordError; includes the source's own (oversized).
  std::uint64_t unread_streak =
      0;  ///< The last records in a row that were unrecognised or malformed. 0 after a start.
  double last_record_timestamp_seconds = 0;  ///< Unix time; 0 if there was none yet.
  double last_event_timestamp_seconds = 0;
  double since_timestamp_seconds = 0;  ///< When the counters started; 0: an earlier version started them.
  CheckpointStatus checkpoint;
  /// The counters may be below what was served before, because their checkpoint may be old and the source has not
  /// caught up yet: they must not be shown.
  bool withheld = false;
};

}  // namespace mre
