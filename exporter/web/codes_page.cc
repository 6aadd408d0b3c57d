// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/codes_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "exporter/base/enum_index.h"
#include "exporter/base/join.h"
#include "exporter/mqtt/reason_search.h"
#include "exporter/mqtt/reason_text.h"
#include "exporter/runbook/page.h"
#include "exporter/web/alerts.h"
#include "exporter/web/broker_choice.h"
#include "exporter/web/code_reference.h"
#include "exporter/web/html.h"

namespace mre {
namespace {

using mqtt::Packet;
using mqtt::Reason;

using Rows = std::vector<const Reason*>;

constexpr std::size_t kMaxQuery = 200;   // bytes that are searched for
constexpr std::size_t kMaxSources = 20;  // that a card lists

std::uint64_t sum(const auto& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

/// "1,234" in bold, or nothing for 0.
std::string count_cell(std::uint64_t count) {
  return count == 0 ? std::string() : "<b>" + html::number(count) + "</b>";
}

/// The value of a map, or that of a default object if there is none.
auto value_or_zero(const auto& map, std::string_view key) {
  const auto at = map.find(key);
  return at == map.end() ? decltype(at->second){} : at->second;
}

std::string code_link(const Reason& reason) {
  const std::string code = mqtt::hex(reason.code);
  return fmt::format("<a href=\"#{0}\">{0}</a> {1}", code, html::text(reason.name));
}

std::string class_tag(mqtt::Class cls) {
  constexpr std::string_view css[] = {"up", "quiet", "error"};
  return fmt::format("<span class=\"tag {}\">{}</span>", css[index_of(cls)], to_string(cls));
}

/// Who sends the code in the packet, and how often it was counted there.
std::string matrix_cell(const CodeReference& reference, const Reason& reason, Packet packet) {
  if (!contains(reason.packets, packet)) return "<td></td>";
  const std::size_t row = row_of(reason);
  const std::uint64_t count = reference.counts[row][index_of(packet)];
  const std::string_view senders = !contains(reason.by_client, packet)   ? "b"
                                   : !contains(reason.by_broker, packet) ? "c"
                                                                         : "b c";
  return fmt::format("<td data-value=\"{}\"><span{}>{}</span> {}</td>", count,
                     reference.shows(row, packet) ? "" : " class=\"blind\"", senders, count_cell(count));
}

std::string matrix_row(const CodeReference& reference, const Reason& reason) {
  std::string cells;
  for (std::size_t i = 0; i < mqtt::kPackets; ++i)
    cells += matrix_cell(reference, reason, static_cast<Packet>(i));
  const bool is_5 = reason.protocol == mqtt::Protocol::v5;
  const std::uint64_t ends = is_5 ? value_or_zero(reference.ends, reason.label) : 0;
  const std::uint64_t denials = is_5 ? sum(value_or_zero(reference.denials, reason.label)) : 0;
  return fmt::format(
      "<tr data-code=\"{0}\"><th scope=\"row\" data-value=\"{1}\"><a href=\"#{0}\">{0}</a></th><td>{1}</td>"
      "<td class=\"name\">{2}</td><td>{3}</td><td>{4}</td>{5}{6}{7}{8}</tr>\n",
      mqtt::hex(reason.code), reason.code, html::text(reason.name), to_string(reason.protocol),
      class_tag(reason.cls), cells, html::number_cell(sum(reference.counts[row_of(reason)])),
      html::number_cell(ends), html::number_cell(denials));
}

constexpr std::string_view kLegend =
    "<p class=\"quiet\">b: the broker may send the code in this packet; c: the client may. A number is what "
    "this exporter "
    "has counted. Dotted: no source shows the code in this packet at present, so a missing number does not "
    "mean 0. Ends "
    "and denials are those without a code.</p>\n";

std::string matrix(const CodeReference& reference, const Rows& rows) {
  if (rows.empty()) return {};
  std::string columns = "Code|Dec|Name|MQTT|Class";
  for (std::size_t i = 0; i < mqtt::kPackets; ++i)
    columns.append("|").append(to_string(static_cast<Packet>(i)));
  std::string cells;
  for (const Reason* reason : rows) cells += matrix_row(reference, *reason);
  return fmt::format("{}<div class=\"matrix\">{}</div>\n", kLegend,
                     html::table("Codes and packets", columns + "|#Codes|#Ends|#Denials", cells, "codes"));
}

std::string outside_table(const CodeReference& reference) {
  std::string rows;
  for (const CodeReference::Outside& one : reference.outside) {
    rows += fmt::format("<tr><td>{}</td><td>{}</td>{}</tr>\n", one.code, to_string(one.packet),
                        html::number_cell(one.count));
  }
  if (rows.empty()) return {};
  return "<h2 id=\"outside\">Codes that the standard does not define in their packet</h2>\n"
         "<p>“other” stands for codes above the limit of series of a broker.</p>\n" +
         html::table("Codes outside the standard", "Code|Packet|#Count", rows, "outside-codes");
}

/// "publish 3, connect 1".
std::string denials_text(const std::array<std::uint64_t, kActions>& counts) {
  std::string text;
  for (std::size_t i = 0; i < kActions; ++i) {
    if (counts[i] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", to_string(static_cast<Action>(i)),
                        html::number(counts[i]));
  }
  return text.empty() ? "0" : text;
}

std::string term(std::string_view name, std::string_view html) {
  return html.empty() ? std::string() : fmt::format("<dt>{}</dt><dd>{}</dd>\n", name, html);
}

/// Whether the alert watches the reason: its ends, its denials, or its code, if it has one.
bool watches(const WatchingAlert& alert, std::string_view label, const Reason* code) {
  if (alert.denials && mqtt::close_reason_from(label)) return true;
  CountedKind kind{.type = CountedKind::Type::end, .cls = mqtt::Class::error, .reason = label};
  if (alert.watches(kind)) return true;
  kind.type = CountedKind::Type::code;
  for (std::size_t i = 0; code != nullptr && i < mqtt::kPackets; ++i) {
    kind.packet = static_cast<Packet>(i);
    kind.direction =
        contains(code->by_broker, kind.packet) ? mqtt::Direction::sent : mqtt::Direction::received;
    if (contains(code->packets, kind.packet) && alert.watches(kind)) return true;
  }
  return false;
}

/// Links to the alerts that watch the reason. `code`: null if it has none.
std::string alerts_text(std::string_view label, mqtt::Class cls, const Reason* code) {
  if (cls == mqtt::Class::success) return "None. This code is a success.";
  if (cls == mqtt::Class::informational) return "None. It is informational: it never raises an alert.";
  std::vector<std::string_view> names;
  for (const WatchingAlert& alert : watching_alerts())
    if (watches(alert, label, code)) names.push_back(alert.name);
  const auto is_sent_in = [&](Packet packet) { return contains(code->by_broker, packet); };
  if (code != nullptr && std::ranges::any_of(kRatioPackets, is_sent_in)) names.push_back(kRatioAlert);
  names.push_back(kAlertOfAllErrors);
  return join(names, ", ", [](std::string_view name) {
    return fmt::format("<a href=\"{}\">{}</a>", chapter_address(name), name);
  });
}

/// "CONNACK sent, PUBACK received".
std::string packets_text(mqtt::PacketSet sent, mqtt::PacketSet received) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < mqtt::kPackets; ++i) {
    const auto packet = static_cast<Packet>(i);
    if (contains(sent, packet)) words.push_back(std::string(to_string(packet)) + " sent");
    if (contains(received, packet)) words.push_back(std::string(to_string(packet)) + " received");
  }
  return join(words, ", ");
}

/// What each source can show of the code: at present, at another log level, or never.
std::string visibility_text(const CodeReference& reference, const Reason& reason) {
  if (reference.sources.empty()) return "Not known yet: no source has a profile.";
  std::string text;
  std::size_t listed = 0;
  for (const CodeReference::Source& source : reference.sources) {
    if (++listed > kMaxSources) break;
    const CodeReference::Shown& shown = source.rows[row_of(reason)];
    const auto never_sent =
        static_cast<mqtt::PacketSet>(reason.by_broker & ~(shown.sent | shown.hidden_sent));
    const auto never_received =
        static_cast<mqtt::PacketSet>(reason.by_client & ~(shown.received | shown.hidden_received));
    const std::string yes = packets_text(shown.sent, shown.received);
    const std::string hidden = packets_text(shown.hidden_sent, shown.hidden_received);
    const std::string never = packets_text(never_sent, never_received);
    text += fmt::format("<li>{}, source {}: {}", html::text(source.broker), html::text(source.name),
                        yes.empty() ? "<strong>blind</strong>" : "shows " + yes);
    if (!hidden.empty()) text += "; not at present: " + hidden;
    if (!never.empty()) text += "; never: " + never;
    text += "</li>";
  }
  if (reference.sources.size() > kMaxSources)
    text += fmt::format("<li>{} more sources: choose a broker.</li>", reference.sources.size() - kMaxSources);
  return "<ul>" + text + "</ul>";
}

std::string counts_text(const CodeReference& reference, const Reason& reason) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < mqtt::kPackets; ++i) {
    const std::uint64_t count = reference.counts[row_of(reason)][i];
    if (count > 0)
      words.push_back(std::string(to_string(static_cast<Packet>(i))) + " " + html::number(count));
  }
  return words.empty() ? "none" : join(words, ", ");
}

std::string links_of(std::string_view label) {
  std::string links = fmt::format(
      "<a href=\"/events?reason={0}\">events</a> · <a href=\"/clients?reason={0}\">clients</a>", label);
  if (runbook_chapter(label) != nullptr)
    links += fmt::format(" · <a href=\"/runbook#{}\">runbook</a>", label);
  return links;
}

std::string queries_block(std::string_view label) {
  return "<pre class=\"copy\"><code>" + html_escape(queries_of(label)) + "</code></pre>";
}

/// Everything about one row of the table.
std::string row_card(const CodeReference& reference, const Reason& reason) {
  const bool is_5 = reason.protocol == mqtt::Protocol::v5;
  const RunbookPart* chapter = is_5 ? runbook_chapter(reason.label) : nullptr;
  std::vector<std::string> same;
  for (const Reason* other : equivalents(reason)) same.push_back(code_link(*other));
  std::string html = fmt::format("<h3>{} {} <span class=\"tag quiet\">{}</span></h3>\n<dl>\n",
                                 html::text(reason.name), class_tag(reason.cls), mqtt::version_text(reason));
  html += term("Meaning", html::text(reason.meaning));
  html += term("First step", html::text(reason.first_step));
  if (chapter != nullptr) html += term("Usual causes", chapter->causes);
  html += term("Label", fmt::format("<code>reason=\"{}\"</code>", reason.label));
  html += term("Packets", mqtt::packet_list(reason.packets));
  html += term("Sent by", mqtt::sender_text(reason));
  html += term("Counted", counts_text(reference, reason));
  if (is_5 && mqtt::close_reason_from(reason.label)) {
    html += term("Ends without a code", html::number(value_or_zero(reference.ends, reason.label)));
    html += term("Denials without a code", denials_text(value_or_zero(reference.denials, reason.label)));
  }
  html +=
      term(is_5 ? "In MQTT 3.1.1" : "In MQTT 5.0", same.empty() ? "has no counterpart" : join(same, "; "));
  html += term("Alerts", alerts_text(reason.label, reason.cls, &reason));
  html += term("Visible", visibility_text(reference, reason));
  html += term("PromQL", queries_block(reason.label));
  html += term("See", links_of(reason.label));
  return html + term("Standard", "MQTT " + std::string(reason.section)) + "</dl>\n";
}

/// One card for each byte, so that /codes#0x05 leads to all that 0x05 can mean.
std::string cards(const CodeReference& reference, Rows rows) {
  std::ranges::stable_sort(rows, {}, &Reason::code);
  std::string html;
  for (auto at = rows.begin(); at != rows.end();) {
    const std::uint8_t code = (*at)->code;
    html += fmt::format(
        "<section class=\"card\" id=\"{0}\" aria-labelledby=\"{0}-title\"><h2 id=\"{0}-title\">{0} "
        "<span class=\"quiet\">decimal {1}</span></h2>\n",
        mqtt::hex(code), code);
    for (; at != rows.end() && (*at)->code == code; ++at) html += row_card(reference, **at);
    html += "</section>\n";
  }
  return html;
}

/// The reasons of ends and denials that no code has.
std::string codeless_cards(const CodeReference& reference,
                           const std::vector<const mqtt::CloseReasonRow*>& codeless) {
  std::string html;
  for (const mqtt::CloseReasonRow* const at : codeless) {
    const mqtt::CloseReasonRow& row = *at;
    html += fmt::format(
        "<section class=\"card\" id=\"{0}\" aria-labelledby=\"{0}-title\"><h3 id=\"{0}-title\">{0} {1}</h3>\n"
        "<dl>\n{2}{3}{4}{5}{6}{7}</dl></section>\n",
        row.label, class_tag(row.cls), term("Meaning", html::text(row.meaning)),
        term("Ends without a code", html::number(value_or_zero(reference.ends, row.label))),
        term("Denials without a code", denials_text(value_or_zero(reference.denials, row.label))),
        term("Alerts", alerts_text(row.label, row.cls, nullptr)), term("PromQL", queries_block(row.label)),
        term("See", links_of(row.label)));
  }
  return html.empty()
             ? html
             : "<h2 id=\"without-a-code\">Reasons of ends and denials that have no code</h2>\n" + html;
}

std::string form(std::span<const FeedSample> feeds, const Query& query) {
  return fmt::format(
      "<form class=\"filter\" action=\"/codes\" method=\"get\" role=\"search\" data-live>\n"
      "<label>Search codes <input type=\"search\" name=\"q\" value=\"{}\" maxlength=\"{}\" "
      "autocomplete=\"off\" "
      "placeholder=\"0x87, 135, not auth, suback, quota\"></label>\n{}<button>Search</button>\n</form>\n",
      html::text(query.get("q"), kMaxQuery), kMaxQuery, broker_choice(feeds, query.get("broker")));
}

struct Found {
  Rows rows;
  Rows see_also;
  std::vector<const mqtt::CloseReasonRow*> codeless;

  /// Whether the ends and denials of this reason belong to the answer.
  bool has(std::string_view label) const {
    return std::ranges::any_of(rows, [&](const Reason* row) { return row->label == label; }) ||
           std::ranges::any_of(codeless, [&](const auto* row) { return row->label == label; });
  }
};

Found search(std::string_view query) {
  query = query.substr(0, kMaxQuery);
  Found found;
  found.codeless = mqtt::find_reasons_without_code(query);
  if (mqtt::words_of(query).empty()) {
    for (const Reason& reason : mqtt::reasons()) found.rows.push_back(&reason);
    return found;
  }
  mqtt::ReasonMatches matches = mqtt::find_reasons(query);
  found.rows = std::move(matches.strong);
  found.see_also = std::move(matches.weak);
  return found;
}

/// How many codes match.
std::string status_text(const Found& found, std::string_view words) {
  if (found.rows.empty() && found.codeless.empty())
    return "No code matches “" + html::text(words, kMaxQuery) + "”. <a href=\"/codes\">Show all codes</a>";
  const std::string codes = fmt::format("{} of {} codes", found.rows.size(), mqtt::reasons().size());
  if (found.codeless.empty()) return codes;
  return fmt::format("{}, and {} <a href=\"#without-a-code\">{} without a code</a>", codes,
                     found.codeless.size(), found.codeless.size() == 1 ? "reason" : "reasons");
}

std::string json_counts(const CodeReference::PacketCounts& counts) {
  std::string out;
  for (std::size_t i = 0; i < mqtt::kPackets; ++i) {
    if (counts[i] == 0) continue;
    out += fmt::format("{}\"{}\":{}", out.empty() ? "" : ",", to_string(static_cast<Packet>(i)), counts[i]);
  }
  return '{' + out + '}';
}

std::string json_denials(const std::array<std::uint64_t, kActions>& counts) {
  std::string out;
  for (std::size_t i = 0; i < kActions; ++i)
    out += fmt::format("{}\"{}\":{}", out.empty() ? "" : ",", to_string(static_cast<Action>(i)), counts[i]);
  return '{' + out + '}';
}

}  // namespace

std::string codes_html(std::span<const FeedSample> feeds, const Query& query) {
  const CodeReference reference = code_reference(of_broker(feeds, query.get("broker")));
  const std::string_view words = query.get("q").substr(0, kMaxQuery);
  const Found found = search(words);
  std::string html =
      "<h1>Reason codes</h1>\n<p>All reason codes of MQTT 5.0 and return codes of MQTT 3.1.1, with what this "
      "exporter has "
      "counted. Search by code, name, packet, version, class or a word of the meaning.</p>\n" +
      form(feeds, query) + "<div id=\"results\">\n";
  html += fmt::format("<p role=\"status\">{}</p>\n", status_text(found, words));
  html += matrix(reference, found.rows);
  if (words.empty()) html += outside_table(reference);
  html += cards(reference, found.rows);
  html += codeless_cards(reference, found.codeless);
  if (!found.see_also.empty()) {
    html += "<h2>See also</h2>\n<ul>";
    for (const Reason* reason : found.see_also) {
      const std::string code = mqtt::hex(reason->code);
      html +=
          fmt::format("<li><a href=\"/codes?q={0}#{0}\">{0}</a> {1}</li>", code, html::text(reason->name));
    }
    html += "</ul>\n";
  }
  return html + "</div>\n";
}

std::string codes_json(std::span<const FeedSample> feeds, const Query& query) {
  const CodeReference reference = code_reference(of_broker(feeds, query.get("broker")));
  const Found found = search(query.get("q"));
  std::string codes;
  for (const Reason* reason : found.rows) {
    const std::size_t row = row_of(*reason);
    const auto same = equivalents(*reason);
    codes += fmt::format("{}{{{},\"equivalents\":[{}],\"counts\":{}}}", codes.empty() ? "" : ",\n",
                         mqtt::json_members(*reason),
                         join(same, ",",
                              [](const Reason* other) {
                                return fmt::format("{{\"protocol\":\"{}\",\"code\":\"{}\"}}",
                                                   to_string(other->protocol), mqtt::hex(other->code));
                              }),
                         json_counts(reference.counts[row]));
  }
  std::string codeless;
  for (const mqtt::CloseReasonRow& row : mqtt::close_reasons()) {
    if (!found.has(row.label)) continue;
    codeless += fmt::format(
        "{}{{\"reason\":\"{}\",\"class\":\"{}\",\"meaning\":\"{}\",\"ends\":{},\"denials\":{}}}",
        codeless.empty() ? "" : ",\n", row.label, to_string(row.cls), json_escape(row.meaning),
        value_or_zero(reference.ends, row.label), json_denials(value_or_zero(reference.denials, row.label)));
  }
  const std::string outside = join(reference.outside, ",", [](const CodeReference::Outside& one) {
    return fmt::format("{{\"code\":\"{}\",\"packet\":\"{}\",\"count\":{}}}", one.code, to_string(one.packet),
                       one.count);
  });
  return fmt::format("{{\"codes\":[{}],\n\"without_code\":[{}],\n\"outside_standard\":[{}]}}\n", codes,
                     codeless, outside);
}

}  // namespace mre
