#include "exporter/metrics/reason_counters.h"

#include <algorithm>
#include <limits>

namespace mre {
namespace {

constexpr std::size_t kEvidences = 2;
constexpr std::size_t kClasses = 3;
constexpr std::size_t kBytes = 256;
constexpr std::size_t kOthers = mqtt::kPackets * mqtt::kDirections * kClasses * kEvidences;

template <class Enum>
constexpr std::size_t at(Enum value) {
  return static_cast<std::size_t>(value);
}

std::size_t code_index(const ReasonEvent& event) {
  std::size_t index = at(event.packet);
  index = index * mqtt::kDirections + at(event.direction);
  index = index * mqtt::kProtocols + at(event.protocol);
  index = index * kEvidences + at(event.evidence);
  return index * kBytes + event.code;
}

std::size_t other_index(const ReasonEvent& event, mqtt::Class cls) {
  std::size_t index = at(event.packet);
  index = index * mqtt::kDirections + at(event.direction);
  index = index * kClasses + at(cls);
  return index * kEvidences + at(event.evidence);
}

std::size_t close_index(const CloseEvent& event) {
  return (at(event.protocol) * mqtt::kInitiators + at(event.initiator)) * kBytes + event.reason;
}

}  // namespace

ReasonCounters::ReasonCounters(const Coverage& coverage, std::size_t max_series)
    : max_series_(std::min(max_series, std::numeric_limits<Slot>::max() - kOthers)),
      slot_of_code_(mqtt::kPackets * mqtt::kDirections * mqtt::kProtocols * kEvidences * kBytes),
      slot_of_other_(kOthers),
      slot_of_close_(mqtt::kProtocols * mqtt::kInitiators * kBytes) {
  for (const ReasonEvent& event : coverage.codes) slot_of(event);
  for (const CloseEvent& event : coverage.closes) slot_of(event);
}

void ReasonCounters::add(const ReasonEvent& event) {
  CodeCount& series = counts_.codes[slot_of(event) - 1U];
  ++series.count;
  if (series.row != nullptr) return;
  if (series.other) ++counts_.series_limit_hits;
  if (mqtt::find(event.protocol, event.packet, event.code) == nullptr)
    ++counts_.unknown_codes[at(event.packet)];
}

void ReasonCounters::add(const CloseEvent& event) { ++counts_.closes[slot_of(event) - 1U].count; }

ReasonCounters::Slot ReasonCounters::slot_of(const ReasonEvent& event) {
  Slot& slot = slot_of_code_[code_index(event)];
  if (slot != 0) return slot;
  const mqtt::Class cls = mqtt::classify(event.protocol, event.packet, event.code);
  if (own_series_ == max_series_) {
    slot = other_slot(event, cls);
  } else {
    ++own_series_;
    slot = append({event, cls, mqtt::find(event.protocol, event.packet, event.code)});
  }
  return slot;
}

ReasonCounters::Slot ReasonCounters::other_slot(const ReasonEvent& event, mqtt::Class cls) {
  Slot& slot = slot_of_other_[other_index(event, cls)];
  if (slot == 0) {
    ReasonEvent folded = event;
    folded.protocol = mqtt::Protocol::unknown;
    folded.code = 0;
    slot = append({folded, cls, nullptr, true});
  }
  return slot;
}

ReasonCounters::Slot ReasonCounters::append(const CodeCount& series) {
  counts_.codes.push_back(series);
  return static_cast<Slot>(counts_.codes.size());
}

ReasonCounters::Slot ReasonCounters::slot_of(const CloseEvent& event) {
  Slot& slot = slot_of_close_[close_index(event)];
  if (slot == 0) {
    counts_.closes.push_back({event});
    slot = static_cast<Slot>(counts_.closes.size());
  }
  return slot;
}

}  // namespace mre
