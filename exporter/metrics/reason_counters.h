// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/event/decoder.h"
#include "exporter/event/reason_event.h"

namespace mre {

/// The counters of one feed. One thread counts; a copy (`Counts`) is what others read.
///
/// Every event of the coverage exists as 0 from the start, because increase() does not see the step from
/// absent to 1. An event outside the coverage gets its own series at first sight. Past `max_series` series of
/// codes, the coverage's among them, an event is counted under `code="other"` and `series_limit_hits` rises:
/// what is lost is the byte and the protocol. Packet, direction, class and evidence are kept, so that an
/// alert on errors neither misses one nor fires for 0x10. Ends and denials without a code are bounded by
/// their own tables and have no limit.
class ReasonCounters {
 public:
  struct CodeCount {
    ReasonEvent event;  ///< With `other` set, protocol and code mean nothing.
    mqtt::Class cls;    ///< The `class` label.
    const mqtt::Reason* row =
        nullptr;  ///< Null: the standard knows no such byte in that packet, or `other` is set.
    bool other = false;
    std::uint64_t count = 0;
  };
  struct CloseCount {
    CloseEvent event;
    std::uint64_t count = 0;
  };
  struct DenialCount {
    DenialEvent event;
    std::uint64_t count = 0;
  };
  struct Counts {
    std::vector<CodeCount> codes;  ///< In the order of first sight; the exposition sorts.
    std::vector<CloseCount> closes;
    std::vector<DenialCount> denials;
    std::array<std::uint64_t, mqtt::kPackets>
        unknown_codes{};                  ///< Events whose byte the standard does not know there.
    std::uint64_t series_limit_hits = 0;  ///< Events counted under `code="other"`.
  };

  ReasonCounters(const Coverage& coverage, std::size_t max_series);

  void add(const ReasonEvent&
               event);  ///< An array increment; allocates only for a series seen for the first time.
  void add(const CloseEvent& event);
  void add(const DenialEvent& event);

  const Counts& counts() const { return counts_; }

  /// Writes what was counted.
  void save(ByteWriter& out) const;
  /// Adds what `save` wrote, of other limits and another coverage too. False if it cannot be that; then some
  /// of it may have been added.
  bool restore(ByteReader& in);
  /// The same for the denials, apart: checkpoints of earlier versions have none.
  void save_denials(ByteWriter& out) const;
  void restore_denials(ByteReader& in);

 private:
  using Slot = std::uint16_t;  // index into counts_ + 1; 0: not seen yet

  Slot slot_of(const ReasonEvent& event);
  Slot slot_of(const CloseEvent& event);
  Slot slot_of(const DenialEvent& event);
  Slot other_slot(const ReasonEvent& event, mqtt::Class cls);
  Slot append(const CodeCount& series);
  void restore_code(ByteReader& in);
  void restore_close(ByteReader& in);

  Counts counts_;
  std::size_t max_series_;
  std::size_t own_series_ = 0;        // those that are not `other`
  std::vector<Slot> slot_of_code_;    // dense: packet, direction, protocol, evidence, byte
  std::vector<Slot> slot_of_other_;   // dense: packet, direction, class, evidence
  std::vector<Slot> slot_of_close_;   // dense: protocol, initiator, reason
  std::vector<Slot> slot_of_denial_;  // dense: protocol, action, reason
};

}  // namespace mre
