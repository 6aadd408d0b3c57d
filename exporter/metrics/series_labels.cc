// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/series_labels.h"

#include <cstdint>
#include <initializer_list>
#include <unordered_map>

#include "exporter/base/enum_index.h"
#include "exporter/base/guarded.h"
#include "exporter/base/text.h"
#include "exporter/event/event_text.h"

namespace mre {
namespace {

/// The text for these numbers, each below 256. The numbers of all events are limited, and so is the table.
std::string_view rendered_once(std::initializer_list<std::size_t> numbers, const auto& render) {
  static Guarded<std::unordered_map<std::uint64_t, std::string>> texts;
  std::uint64_t key = 0;
  for (const std::size_t number : numbers) key = key << 8 | number;
  const auto all = texts.lock();
  std::string& text = (*all)[key];
  if (text.empty()) text = render();
  return text;
}

}  // namespace

void append_label(std::string_view name, std::string_view value, std::string& text) {
  if (!text.empty()) text += ',';
  text.append(name).append("=\"");
  for (const char c : printable(value)) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  text += '"';
}

std::string_view labels_of(const ReasonEvent& event, mqtt::Class cls, bool other) {
  return rendered_once({other ? 2U : 1U, index_of(event.packet), index_of(event.direction),
                        index_of(event.protocol), event.code, index_of(cls), index_of(event.evidence)},
                       [&] {
                         const std::string_view reason =
                             mqtt::reason_label(event.protocol, event.packet, event.code);
                         return label_text<MetricId::codes>(
                             to_string(event.packet), to_string(event.direction), to_string(event.protocol),
                             other ? "other" : code_label(event.code), other ? "other" : reason,
                             to_string(cls), to_string(event.evidence));
                       });
}

std::string_view labels_of(const CloseEvent& event) {
  return rendered_once({3, index_of(event.protocol), event.reason, index_of(event.initiator)}, [&] {
    const mqtt::CloseReasonRow& row = mqtt::close_reasons()[event.reason];
    return label_text<MetricId::closes_without_code>(to_string(event.protocol), row.label,
                                                     to_string(event.initiator), to_string(row.cls));
  });
}

std::string_view labels_of(const DenialEvent& event) {
  return rendered_once({4, index_of(event.protocol), index_of(event.action), event.reason}, [&] {
    const mqtt::CloseReasonRow& row = mqtt::close_reasons()[event.reason];
    return label_text<MetricId::denials_without_code>(to_string(event.protocol), to_string(event.action),
                                                      row.label, to_string(row.cls));
  });
}

}  // namespace mre
