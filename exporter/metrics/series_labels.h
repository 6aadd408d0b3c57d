// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "exporter/event/reason_event.h"
#include "exporter/metrics/catalog.h"

namespace mre {

/// Appends `name="value"` in the Prometheus text format, after a comma if `text` is not empty. Control characters and
/// bytes that are not UTF-8 are replaced (`printable`).
void append_label(std::string_view name, std::string_view value, std::string& text);

/// The labels of a series in the text format: all of them, or those after broker and source.
template <MetricId id, class... Values>
std::string label_text(const Values&... values) {
  constexpr const MetricLabels& labels = metric(id).labels;
  static_assert(sizeof...(values) == labels.count || sizeof...(values) + 2 == labels.count);
  std::string text;
  std::size_t at = labels.count - sizeof...(values);
  (append_label(labels.names[at++], values, text), ...);
  return text;
}

/// The labels after broker and source of a series of events. They are rendered once in the process, however many
/// feeds have the series, and valid as long as the process. `other` as in ReasonCounters::CodeCount. Any thread.
std::string_view labels_of(const ReasonEvent& event, mqtt::Class cls, bool other);
std::string_view labels_of(const CloseEvent& event);
std::string_view labels_of(const DenialEvent& event);

}  // namespace mre
