// SPDX-License-Identifier: Apache-2.0
#include "exporter/metrics/metric_list.h"

#include "exporter/base/text.h"
#include "exporter/metrics/catalog.h"

namespace mre {
namespace {

std::string join(const MetricLabels& labels, std::string_view quote) {
  std::string out;
  for (std::string_view label : labels.all()) {
    if (!out.empty()) out += ", ";
    out.append(quote).append(label).append(quote);
  }
  return out;
}

/// The help text, and which sources have the metric if not all have it.
std::string help_of(const Metric& row) {
  std::string out(row.help);
  if (row.source_kind) out.append(" Only of ").append(to_string(*row.source_kind)).append(" sources.");
  return out;
}

std::string as_text() {
  std::string out;
  for (const Metric& row : kCatalog) {
    out.append(row.name).append(" (").append(to_string(row.type)).append(")\n");
    out.append("    ").append(help_of(row)).append("\n");
    if (row.labels.count > 0) out.append("    labels: ").append(join(row.labels, "")).append("\n");
  }
  return out;
}

std::string as_markdown() {
  std::string out = "| Metric | Type | Labels | Meaning |\n| --- | --- | --- | --- |\n";
  for (const Metric& row : kCatalog) {
    out.append("| `").append(row.name).append("` | ").append(to_string(row.type)).append(" | ");
    out.append(join(row.labels, "`")).append(row.labels.count > 0 ? " | " : "| ");
    out.append(help_of(row)).append(" |\n");
  }
  return out;
}

std::string as_json() {
  std::string out = "[\n";
  for (const Metric& row : kCatalog) {
    out.append("  {\"name\": \"").append(row.name).append("\", \"type\": \"").append(to_string(row.type));
    out.append("\", \"labels\": [").append(join(row.labels, "\"")).append("], ");
    if (row.source_kind) out.append("\"source_kind\": \"").append(to_string(*row.source_kind)).append("\", ");
    out.append("\"help\": \"").append(json_escape(row.help)).append("\"}");
    out.append(&row == std::end(kCatalog) - 1 ? "\n" : ",\n");
  }
  return out + "]\n";
}

}  // namespace

std::string render_metric_list(ListFormat format) {
  switch (format) {
    case ListFormat::text:
      return as_text();
    case ListFormat::markdown:
      return as_markdown();
    case ListFormat::json:
      return as_json();
  }
  return {};
}

}  // namespace mre
