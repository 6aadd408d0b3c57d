// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/base/bytes.h"
#include "exporter/base/enum_index.h"
#include "exporter/base/zeroed_array.h"
#include "exporter/event/decoder.h"
#include "exporter/event/reason_event.h"
#include "exporter/metrics/exemplar.h"

namespace mre {

inline constexpr std::size_t kEvidences = 2;

/// Series of one metric and feed. A series keeps its index; the exposition needs the order of the labels.
template <class Series>
class SeriesList {
 public:
  using Index = std::uint16_t;

  SeriesList() = default;
  SeriesList(std::initializer_list<Series> all) {
    for (const Series& series : all) push_back(series);
  }

  void push_back(Series series) {
    const auto at = std::ranges::lower_bound(by_labels_, series.labels, {},
                                             [this](Index index) { return series_[index].labels; });
    by_labels_.insert(at, static_cast<Index>(series_.size()));
    series_.push_back(std::move(series));
  }

  /// All indices, in the order of the labels.
  std::span<const Index> by_labels() const { return by_labels_; }

  auto begin() const { return series_.begin(); }
  auto end() const { return series_.end(); }
  std::size_t size() const { return series_.size(); }
  bool empty() const { return series_.empty(); }
  void clear() { *this = SeriesList(); }
  const Series& operator[](std::size_t index) const { return series_.data()[index]; }
  Series& operator[](std::size_t index) { return series_.data()[index]; }

 private:
  std::vector<Series> series_;
  std::vector<Index> by_labels_;
};

/// The counters of one feed. One thread counts; other threads read a copy (`Counts`).
///
/// Every event of the coverage exists as 0 from the start, because increase() does not see the step from absent to 1. An
/// event outside the coverage gets its series when it occurs first. Above `max_series` series of codes, including the
/// coverage, an event is counted as `code="other"` and `series_limit_hits` increases: the byte and the protocol are
/// lost. Packet, direction, class and evidence are preserved, so that an alert on errors neither misses one nor fires
/// for 0x10. Ends and denials without a code are limited by their own tables.
class ReasonCounters {
 public:
  struct CodeCount {
    ReasonEvent event;  ///< With `other` set, protocol and code mean nothing.
    mqtt::Class cls;    ///< The `class` label.
    const mqtt::Reason* row =
        nullptr;  ///< Null: the standard knows no such byte in that packet, or `other` is set.
    bool other = false;
    std::uint64_t count = 0;
    std::string_view labels = {};  ///< After broker and source (labels_of).
    std::shared_ptr<const Exemplar> exemplar = nullptr;
  };
  struct CloseCount {
    CloseEvent event;
    std::uint64_t count = 0;
    std::string_view labels = {};
  };
  struct DenialCount {
    DenialEvent event;
    std::uint64_t count = 0;
    std::string_view labels = {};
  };
  struct Counts {
    SeriesList<CodeCount> codes;
    SeriesList<CloseCount> closes;
    SeriesList<DenialCount> denials;
    std::array<std::uint64_t, mqtt::kPackets>
        unknown_codes{};                  ///< Events whose byte the standard does not know there.
    std::uint64_t series_limit_hits = 0;  ///< Events counted under `code="other"`.
  };

  ReasonCounters(const Coverage& coverage, std::size_t max_series);

  /// An array increment; allocates only for a series seen for the first time.
  void add(const ReasonEvent& event) {
    CodeCount& series = counts_.codes[slot_of(event) - 1U];
    ++series.count;
    if (series.row == nullptr) add_unknown(series, event);
  }
  void add(const CloseEvent& event);
  void add(const DenialEvent& event);
  /// The event beside the count of its series. Its series exists.
  void set_exemplar(const ReasonEvent& event, std::shared_ptr<const Exemplar> exemplar);

  const Counts& counts() const { return counts_; }

  /// Writes what was counted.
  void save(ByteWriter& out) const;
  /// Adds what `save` wrote; the limits and the coverage may have been others. False if the bytes are invalid; then a
  /// part may have been added.
  bool restore(ByteReader& in);
  /// The same for the denials, separately, because checkpoints of earlier versions do not have them.
  void save_denials(ByteWriter& out) const;
  void restore_denials(ByteReader& in);

 private:
  using Slot = std::uint16_t;  // index into counts_ + 1; 0: not seen yet

  static std::size_t code_index(const ReasonEvent& event) {
    std::size_t index = index_of(event.packet);
    index = index * mqtt::kDirections + index_of(event.direction);
    index = index * mqtt::kProtocols + index_of(event.protocol);
    index = index * kEvidences + index_of(event.evidence);
    return index << 8U | event.code;
  }
  Slot slot_of(const ReasonEvent& event) {
    const Slot slot = slot_of_code_[code_index(event)];
    return slot != 0 ? slot : new_slot_of(event);
  }
  Slot new_slot_of(const ReasonEvent& event);
  void add_unknown(const CodeCount& series, const ReasonEvent& event);
  Slot slot_of(const CloseEvent& event);
  Slot slot_of(const DenialEvent& event);
  Slot other_slot(const ReasonEvent& event, mqtt::Class cls);
  Slot append(const CodeCount& series);
  void restore_code(ByteReader& in);
  void restore_close(ByteReader& in);

  Counts counts_;
  std::size_t max_series_;
  std::size_t own_series_ = 0;        // those that are not `other`
  ZeroedArray<Slot> slot_of_code_;    // dense: packet, direction, protocol, evidence, byte
  std::vector<Slot> slot_of_other_;   // dense: packet, direction, class, evidence
  std::vector<Slot> slot_of_close_;   // dense: protocol, initiator, reason
  std::vector<Slot> slot_of_denial_;  // dense: protocol, action, reason
};

/// How many events the rows of one list of ReasonCounters::Counts have.
std::uint64_t sum_of(const auto& rows) {
  std::uint64_t sum = 0;
  for (const auto& row : rows) sum += row.count;
  return sum;
}

}  // namespace mre
