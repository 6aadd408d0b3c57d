// SPDX-License-Identifier: Apache-2.0
#include "exporter/commands/list.h"

#include <fmt/format.h>

#include "exporter/base/nearest.h"
#include "exporter/base/text.h"
#include "exporter/cli/columns.h"
#include "exporter/cli/config_from_flags.h"
#include "exporter/commands/broker_view.h"
#include "exporter/metrics/metric_list.h"
#include "exporter/profile/profile.h"

namespace mre {
namespace {

// A packet of the text matrix, with its heading.
struct Column {
  mqtt::Packet packet;
  std::string_view heading;
};
constexpr Column kMatrix[] = {
    {mqtt::Packet::connack, "CONNACK"}, {mqtt::Packet::puback, "PUBACK"},
    {mqtt::Packet::pubrec, "PUBREC"},   {mqtt::Packet::pubrel, "PUBREL"},
    {mqtt::Packet::pubcomp, "PUBCOMP"}, {mqtt::Packet::suback, "SUBACK"},
    {mqtt::Packet::unsuback, "UNSUB."}, {mqtt::Packet::disconnect, "DISCONN."},
    {mqtt::Packet::auth, "AUTH"},
};

char letter(const Cell& cell) {
  switch (cell.visibility) {
    case CodeVisibility::exact:
      return cell.codes == cell.standard ? 'E' : 'e';
    case CodeVisibility::mixed:
      return 'm';
    case CodeVisibility::words:
      return 'w';
    case CodeVisibility::blind:
      break;
  }
  return '.';
}

/// "E/w?": sent, received.
std::string text_cell(const VisibleEvents& visible, mqtt::Packet packet) {
  std::string text;
  bool unsure = false;
  for (const mqtt::Direction direction : directions_of(packet)) {
    const Cell cell = cell_of(visible, packet, direction);
    text += text.empty() ? "" : "/";
    text += letter(cell);
    unsure = unsure || cell.direction_unsure;
  }
  return text + (unsure ? "?" : "");
}

std::string text_row(const BrokerView& view) {
  std::string row = fmt::format("{:<9} {:<4} {:<14}", view.profile->name, to_string(view.kind), view.level);
  for (const Column& column : kMatrix)
    row += ' ' + padded(text_cell(view.visible, column.packet), column.heading.size());
  row.erase(row.find_last_not_of(' ') + 1);
  return row + '\n';
}

std::string text_head() {
  std::string head = fmt::format("{:<9} {:<4} {:<14}", "profile", "from", "level");
  for (const Column& column : kMatrix) head.append(" ").append(column.heading);
  return head + '\n';
}

constexpr std::string_view kLegend =
    "\nsent/received, from the broker's point of view.\n"
    "  E  exact, all codes of the standard      e  exact, some codes       m  some exact, others inferred\n"
    "  w  inferred from words                   .  blind                   ?  direction not always known\n"
    "`mqtt-reason-exporter list brokers NAME` prints the codes, settings and rules of one broker.\n";

/// "exact 3/22": the visibility, and the number of codes if not all codes of the standard are visible.
std::string markdown_cell(const VisibleEvents& visible, mqtt::Packet packet) {
  std::string text;
  for (const mqtt::Direction direction : directions_of(packet)) {
    const Cell cell = cell_of(visible, packet, direction);
    text.append(text.empty() ? "" : "<br>").append(to_string(cell.visibility));
    if (cell.visibility != CodeVisibility::blind && cell.codes != cell.standard)
      text += fmt::format(" {}/{}", cell.codes, cell.standard);
    if (cell.direction_unsure) text += '?';
  }
  return text;
}

std::string markdown_head() {
  std::string head = "| profile | source, level |";
  std::string line = "| --- | --- |";
  for (const Column& column : kMatrix) {
    head.append(" ").append(to_string(column.packet)).append(" |");
    line += " --- |";
  }
  return head + '\n' + line + '\n';
}

std::string markdown_row(const BrokerView& view) {
  std::string row = fmt::format("| `{}` | {}{} |", view.profile->name, to_string(view.kind),
                                view.level.empty() ? "" : ", `" + view.level + "`");
  for (const Column& column : kMatrix) row += ' ' + markdown_cell(view.visible, column.packet) + " |";
  return row + '\n';
}

Result<std::string> list_brokers(ListFormat format) {
  std::string text = format == ListFormat::text       ? text_head()
                     : format == ListFormat::markdown ? markdown_head()
                                                      : "";
  for (const EmbeddedProfile& embedded : embedded_profiles()) {
    const auto profile = load_embedded_profile(embedded);
    if (!profile) return tl::make_unexpected(profile.error());
    if (format == ListFormat::json) {
      text += (text.empty() ? "[\n" : ",\n") + broker_json(**profile);
      continue;
    }
    for (const BrokerView& view : views_of(**profile))
      text += format == ListFormat::text ? text_row(view) : markdown_row(view);
  }
  if (format == ListFormat::text) text += kLegend;
  return format == ListFormat::json ? text + "\n]\n" : text;
}

Result<std::string> list_broker(const std::string& name, ListFormat format) {
  const auto profile = profile_by_name_or_file(name);
  if (!profile) return tl::make_unexpected(profile.error());
  return render_broker(**profile, format);
}

}  // namespace

Result<std::string> list(const std::vector<std::string>& words, ListFormat format) {
  const std::string& what = words.at(0);
  if (what == "brokers") return words.size() > 1 ? list_broker(words[1], format) : list_brokers(format);
  if (words.size() > 1)
    return fail(Errc::invalid_config, "unexpected argument \"" + printable(words[1]) +
                                          "\": only `list brokers` accepts the name of a profile");
  if (what == "metrics") return render_metric_list(format);
  if (what == "codes") return render_codes(format);
  constexpr std::string_view lists[] = {"brokers", "metrics", "codes"};
  return fail(Errc::invalid_config, "cannot list \"" + printable(what) + "\": " + suggestion(what, lists));
}

}  // namespace mre
