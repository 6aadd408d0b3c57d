// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/reason_counters.h"

#include <algorithm>
#include <limits>

#include "exporter/event/event_bytes.h"
#include "exporter/metrics/series_labels.h"

namespace mre {
namespace {

constexpr std::size_t kClasses = 3;
constexpr std::size_t kBytes = 256;
constexpr std::size_t kOthers = mqtt::kPackets * mqtt::kDirections * kClasses * kEvidences;

std::size_t other_index(const ReasonEvent& event, mqtt::Class cls) {
  std::size_t index = index_of(event.packet);
  index = index * mqtt::kDirections + index_of(event.direction);
  index = index * kClasses + index_of(cls);
  return index * kEvidences + index_of(event.evidence);
}

std::size_t close_index(const CloseEvent& event) {
  return (index_of(event.protocol) * mqtt::kInitiators + index_of(event.initiator)) * kBytes + event.reason;
}

std::size_t denial_index(const DenialEvent& event) {
  return (index_of(event.protocol) * kActions + index_of(event.action)) * kBytes + event.reason;
}

}  // namespace

ReasonCounters::ReasonCounters(const Coverage& coverage, std::size_t max_series)
    : max_series_(std::min(max_series, std::numeric_limits<Slot>::max() - kOthers)),
      slot_of_code_(mqtt::kPackets * mqtt::kDirections * mqtt::kProtocols * kEvidences * kBytes),
      slot_of_other_(kOthers),
      slot_of_close_(mqtt::kProtocols * mqtt::kInitiators * kBytes),
      slot_of_denial_(mqtt::kProtocols * kActions * kBytes) {
  for (const ReasonEvent& event : coverage.codes) slot_of(event);
  for (const CloseEvent& event : coverage.closes) slot_of(event);
  for (const DenialEvent& event : coverage.denials) slot_of(event);
}

void ReasonCounters::add_unknown(const CodeCount& series, const ReasonEvent& event) {
  if (series.other) ++counts_.series_limit_hits;
  if (mqtt::find(event.protocol, event.packet, event.code) == nullptr)
    ++counts_.unknown_codes[index_of(event.packet)];
}

void ReasonCounters::set_exemplar(const ReasonEvent& event, std::shared_ptr<const Exemplar> exemplar) {
  counts_.codes[slot_of(event) - 1U].exemplar = std::move(exemplar);
}

void ReasonCounters::add(const CloseEvent& event) { ++counts_.closes[slot_of(event) - 1U].count; }

void ReasonCounters::add(const DenialEvent& event) { ++counts_.denials[slot_of(event) - 1U].count; }

void ReasonCounters::save(ByteWriter& out) const {
  const auto counted = [](const auto& series) { return series.count > 0; };
  out.number(static_cast<std::uint64_t>(std::ranges::count_if(counts_.codes, counted)));
  for (const CodeCount& series : counts_.codes) {
    if (!counted(series)) continue;
    out.flag(series.other);
    write_event(series.event, out);
    out.number(index_of(series.cls));
    out.number(series.count);
  }
  out.number(static_cast<std::uint64_t>(std::ranges::count_if(counts_.closes, counted)));
  for (const CloseCount& series : counts_.closes) {
    if (!counted(series)) continue;
    out.number(index_of(series.event.protocol));
    out.number(index_of(series.event.initiator));
    out.text(mqtt::close_reasons()[series.event.reason].label);
    out.number(series.count);
  }
  for (const std::uint64_t count : counts_.unknown_codes) out.number(count);
  out.number(counts_.series_limit_hits);
}

bool ReasonCounters::restore(ByteReader& in) {
  for (std::uint64_t left = in.number(); left > 0 && !in.failed(); --left) restore_code(in);
  for (std::uint64_t left = in.number(); left > 0 && !in.failed(); --left) restore_close(in);
  for (std::uint64_t& count : counts_.unknown_codes) count += in.number();
  counts_.series_limit_hits += in.number();
  return !in.failed();
}

void ReasonCounters::restore_code(ByteReader& in) {
  const bool other = in.flag();
  const ReasonEvent event = read_event(in);
  const auto cls = static_cast<mqtt::Class>(in.number_up_to(kClasses - 1));
  const std::uint64_t count = in.number();
  if (in.failed()) return;
  counts_.codes[(other ? other_slot(event, cls) : slot_of(event)) - 1U].count += count;
}

/// A reason is stored by its label, because its number is an index into a table that may grow.
void ReasonCounters::restore_close(ByteReader& in) {
  const auto protocol = static_cast<mqtt::Protocol>(in.number_up_to(mqtt::kProtocols - 1));
  const auto initiator = static_cast<mqtt::Initiator>(in.number_up_to(mqtt::kInitiators - 1));
  const auto reason = mqtt::close_reason_from(in.text());
  const std::uint64_t count = in.number();
  if (!reason) in.fail();
  if (in.failed()) return;
  counts_.closes[slot_of(CloseEvent{protocol, *reason, initiator}) - 1U].count += count;
}

void ReasonCounters::save_denials(ByteWriter& out) const {
  const auto counted = [](const DenialCount& series) { return series.count > 0; };
  out.number(static_cast<std::uint64_t>(std::ranges::count_if(counts_.denials, counted)));
  for (const DenialCount& series : counts_.denials) {
    if (!counted(series)) continue;
    out.number(index_of(series.event.protocol));
    out.number(index_of(series.event.action));
    out.text(mqtt::close_reasons()[series.event.reason].label);
    out.number(series.count);
  }
}

void ReasonCounters::restore_denials(ByteReader& in) {
  for (std::uint64_t left = in.number(); left > 0 && !in.failed(); --left) {
    const auto protocol = static_cast<mqtt::Protocol>(in.number_up_to(mqtt::kProtocols - 1));
    const auto action = static_cast<Action>(in.number_up_to(kActions - 1));
    const auto reason = mqtt::close_reason_from(in.text());
    const std::uint64_t count = in.number();
    if (!reason) in.fail();
    if (in.failed()) return;
    counts_.denials[slot_of(DenialEvent{protocol, action, *reason}) - 1U].count += count;
  }
}

ReasonCounters::Slot ReasonCounters::new_slot_of(const ReasonEvent& event) {
  Slot& slot = slot_of_code_[code_index(event)];
  const mqtt::Class cls = mqtt::classify(event.protocol, event.packet, event.code);
  if (own_series_ == max_series_) {
    slot = other_slot(event, cls);
  } else {
    ++own_series_;
    slot = append({event, cls, mqtt::find(event.protocol, event.packet, event.code), false, 0,
                   labels_of(event, cls, false)});
  }
  return slot;
}

ReasonCounters::Slot ReasonCounters::other_slot(const ReasonEvent& event, mqtt::Class cls) {
  Slot& slot = slot_of_other_[other_index(event, cls)];
  if (slot == 0) {
    ReasonEvent folded = event;
    folded.protocol = mqtt::Protocol::unknown;
    folded.code = 0;
    slot = append({folded, cls, nullptr, true, 0, labels_of(folded, cls, true)});
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
    counts_.closes.push_back({event, 0, labels_of(event)});
    slot = static_cast<Slot>(counts_.closes.size());
  }
  return slot;
}

ReasonCounters::Slot ReasonCounters::slot_of(const DenialEvent& event) {
  Slot& slot = slot_of_denial_[denial_index(event)];
  if (slot == 0) {
    counts_.denials.push_back({event, 0, labels_of(event)});
    slot = static_cast<Slot>(counts_.denials.size());
  }
  return slot;
}

}  // namespace mre
