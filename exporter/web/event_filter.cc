// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/event_filter.h"

#include <fmt/format.h>

#include <algorithm>

#include "exporter/base/text.h"
#include "exporter/mqtt/reason_text.h"
#include "exporter/runbook/page.h"
#include "exporter/web/html.h"

namespace mre {
namespace {

constexpr std::size_t kMaxField = 256;  // bytes

std::string field(std::string_view label, std::string_view name, std::string_view value) {
  return fmt::format(
      "<label>{} <input type=\"search\" name=\"{}\" value=\"{}\" maxlength=\"{}\" autocomplete=\"off\">"
      "</label>\n",
      label, name, html::text(value, kMaxField), kMaxField);
}

std::string choice(std::string_view label, std::string_view name, std::string_view chosen,
                   const auto& values) {
  std::string options = "<option value=\"\">all</option>";
  bool listed = chosen.empty();
  for (const auto& value : values) {
    const bool is_chosen = equal_ignoring_case(value, chosen);
    listed = listed || is_chosen;
    options += fmt::format("<option{}>{}</option>", is_chosen ? " selected" : "", html::text(value));
  }
  if (!listed) options += fmt::format("<option selected>{}</option>", html::text(chosen, kMaxField));
  return fmt::format("<label>{} <select name=\"{}\">{}</select></label>\n", label, name, options);
}

/// The row of the table that explains the event, or any event of the group; null if there is none.
const mqtt::Reason* row_of_group(const EventGroup& group, const AnyEvent* event) {
  if (const auto* code = event != nullptr ? std::get_if<ReasonEvent>(event) : nullptr)
    return mqtt::find(code->protocol, code->packet, code->code);
  const auto rows = mqtt::reasons();
  const auto at = std::ranges::find(rows, group.reason, &mqtt::Reason::label);
  return at == rows.end() ? nullptr : &*at;
}

}  // namespace

bool EventFilter::matches(const EventGroup& group) const {
  return (packet.empty() || equal_ignoring_case(packet, group.what)) &&
         (reason.empty() || reason == group.reason);
}

std::vector<std::string_view> group_names() {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < mqtt::kPackets; ++i) names.push_back(to_string(static_cast<mqtt::Packet>(i)));
  names.push_back(group_name({.type = CountedKind::Type::end, .reason = {}}));
  for (const Action action : {Action::publish, Action::subscribe, Action::connect})
    names.push_back(group_name({.type = CountedKind::Type::denial, .action = action, .reason = {}}));
  return names;
}

std::string filter_fields(const EventFilter& filter, const Remembered& remembered, bool with_peer) {
  std::vector<std::string_view> brokers;
  for (const NamedHistory& one : remembered.histories) brokers.emplace_back(one.broker);
  std::vector<std::string_view> reasons;
  for (const mqtt::CloseReasonRow& row : mqtt::close_reasons()) reasons.push_back(row.label);
  std::ranges::sort(reasons);
  std::string fields;
  if (brokers.size() > 1 || !filter.broker.empty())
    fields += choice("Broker", "broker", filter.broker, brokers);
  fields += choice("Packet", "packet", filter.packet, group_names());
  fields += choice("Reason", "reason", filter.reason, reasons);
  fields += field("Client or user", "client", filter.client);
  if (with_peer) fields += field("Address", "peer", filter.peer);
  return fields;
}

std::string filtered_page(const Remembered& remembered, std::string_view introduction, std::string_view path,
                          std::string_view fields, int refresh_seconds,
                          const std::function<std::string()>& results) {
  if (!remembered.on)
    return fmt::format("{}<div id=\"results\">{}</div>\n", introduction,
                       why_nothing_is_remembered(remembered));
  return fmt::format(
      "{}<form class=\"filter\" action=\"{}\" method=\"get\" role=\"search\" data-live>\n{}"
      "<button>Filter</button>\n</form>\n<div class=\"tools\" data-refresh=\"{}\"></div>\n"
      "<div id=\"results\">\n{}</div>\n",
      introduction, path, fields, refresh_seconds, results());
}

std::string_view group_name(const CountedKind& kind) {
  switch (kind.type) {
    case CountedKind::Type::code:
      return to_string(kind.packet);
    case CountedKind::Type::end:
      return group_of(CloseEvent{}).what;
    case CountedKind::Type::denial:
      return group_of(DenialEvent{.protocol = {}, .action = kind.action, .reason = {}}).what;
  }
  return {};
}

std::string clients_and_events(std::string_view broker, const CountedKind& kind) {
  const std::string of_broker = broker.empty() ? "" : "broker=" + url_encode(broker) + "&amp;";
  return fmt::format(
      "<a href=\"/clients?{0}packet={1}&amp;reason={2}\">clients</a> · "
      "<a href=\"/events?{0}packet={1}&amp;reason={2}\">events</a>",
      of_broker, url_encode(group_name(kind)), kind.reason);
}

std::string client_detail(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return fmt::format("<div><span class=\"quiet\">{}</span> <code>{}</code></div>", name, html::text(value));
}

std::string explanation(const EventGroup& group, const AnyEvent* event) {
  std::string html;
  std::string links;
  if (const mqtt::Reason* row = row_of_group(group, event)) {
    html = html_escape(row->meaning);
    html += " <span class=\"quiet\">" + html_escape(row->first_step) + "</span>";
    const std::string code = mqtt::hex(row->code);
    links = fmt::format("<a href=\"/codes#{0}\">{0}</a>", code);
  } else if (const auto reason = mqtt::close_reason_from(group.reason)) {
    html = html_escape(mqtt::close_reasons()[*reason].meaning);
  } else {
    html = "The standard does not define this code in this packet.";
  }
  if (runbook_chapter(group.reason) != nullptr)
    links +=
        fmt::format("{}<a href=\"/runbook#{}\">what to do</a>", links.empty() ? "" : " · ", group.reason);
  return html + " " + links;
}

}  // namespace mre
