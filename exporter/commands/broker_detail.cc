// SPDX-License-Identifier: Apache-2.0
// `list brokers NAME`: the details of one profile, as text and as Markdown.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "exporter/base/join.h"
#include "exporter/cli/columns.h"
#include "exporter/commands/broker_view.h"
#include "exporter/mqtt/reason_text.h"

namespace mre {
namespace {

constexpr std::size_t kColumns = 100;

std::string visibility_text(CodeVisibility visibility) {
  switch (visibility) {
    case CodeVisibility::exact:
      return "exact: the code is in the record";
    case CodeVisibility::mixed:
      return "some codes exact, others inferred from words";
    case CodeVisibility::words:
      return "inferred from words";
    case CodeVisibility::blind:
      break;
  }
  return "blind";
}

std::string codes_text(const CodeGroup& group) {
  std::vector<std::string> protocols;
  for (const mqtt::Protocol protocol : group.protocols) protocols.emplace_back(to_string(protocol));
  std::vector<std::string> codes;
  for (const std::uint8_t code : group.codes) codes.push_back(mqtt::hex(code));
  return fmt::format("{}, protocol {}: {}", to_string(group.evidence), join(protocols, " "),
                     group.every ? "every code of the standard" : join(codes, " "));
}

/// The rules that report the codes; separately those that count only if no record with the code occurred.
std::string carriers_text(const VisiblePacket& packet) {
  std::vector<std::string> always;
  std::vector<std::string> fallback;
  for (const Carrier& carrier : packet.carriers)
    (carrier.only_without_code ? fallback : always).push_back(carrier.rule);
  std::string text = join(always, ", ");
  if (fallback.empty()) return text;
  text += text.empty() ? "" : "; ";
  return text + "only if no record had the code: " + join(fallback, ", ");
}

/// "by broker: a, b; by client: c".
std::string closes_text(const VisibleEvents& visible) {
  std::map<mqtt::Initiator, std::vector<std::string>> by;
  for (const CloseEvent& close : visible.closes) {
    const std::string reason(mqtt::close_reasons()[close.reason].label);
    auto& reasons = by[close.initiator];
    if (std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(reason);
  }
  std::vector<std::string> texts;
  for (const auto& [initiator, reasons] : by)
    texts.push_back(fmt::format("by {}: {}", to_string(initiator), join(reasons, ", ")));
  return texts.empty() ? "none" : join(texts, "; ");
}

/// "publish: not_authorized; subscribe: not_authorized".
std::string denials_text(const VisibleEvents& visible) {
  std::map<Action, std::vector<std::string>> by;
  for (const DenialEvent& denial : visible.denials) {
    const std::string reason(mqtt::close_reasons()[denial.reason].label);
    auto& reasons = by[denial.action];
    if (std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(reason);
  }
  std::vector<std::string> texts;
  for (const auto& [action, reasons] : by)
    texts.push_back(fmt::format("{}: {}", to_string(action), join(reasons, ", ")));
  return texts.empty() ? "none" : join(texts, "; ");
}

std::string heading(const BrokerView& view) {
  return std::string(to_string(view.kind)) + (view.level.empty() ? "" : ", level " + view.level);
}

std::string row(std::string_view name, std::string_view text) {
  return fmt::format("    {:<9} {}\n", name, wrapped(text, 14, kColumns));
}

std::string view_text(const BrokerView& view) {
  std::string text = heading(view) + '\n';
  if (!view.level.empty()) text += "  set: " + wrapped(view.setting, 7, kColumns) + '\n';
  for (const VisiblePacket& packet : view.visible.packets) {
    text += fmt::format("  {} {}: {}\n", to_string(packet.packet), to_string(packet.direction),
                        visibility_text(packet.visibility()));
    for (const CodeGroup& group : groups_of(packet)) text += row("codes", codes_text(group));
    text += row("rules", carriers_text(packet));
  }
  text += "  blind: " + wrapped(join(blind_spots(view.visible), ", "), 9, kColumns) + '\n';
  text += "  ends without a code: " + wrapped(closes_text(view.visible), 23, kColumns) + '\n';
  return text + "  denials without a code: " + wrapped(denials_text(view.visible), 26, kColumns) + '\n';
}

std::string detail_text(const Profile& profile) {
  std::string text =
      fmt::format("{}: {}, checked against {}\n", profile.name, profile.title, profile.versions);
  for (const SourceKind kind : kProfiledKinds) {
    const ProfileSource& source = profile.source(kind);
    if (source.supported)
      text += fmt::format("\n{}: {}\n", to_string(kind), wrapped(source.setting, 6, kColumns));
  }
  for (const BrokerView& view : views_of(profile)) text += '\n' + view_text(view);
  return text;
}

std::string view_markdown(const BrokerView& view) {
  std::string text = fmt::format("\n## {}\n\n{}\n\n", heading(view), view.setting);
  if (!view.visible.packets.empty())
    text += "| packet | direction | seen | codes | rules |\n| --- | --- | --- | --- | --- |\n";
  for (const VisiblePacket& packet : view.visible.packets) {
    std::vector<std::string> codes;
    for (const CodeGroup& group : groups_of(packet)) codes.push_back(codes_text(group));
    text += fmt::format("| {} | {} | {} | {} | {} |\n", to_string(packet.packet), to_string(packet.direction),
                        to_string(packet.visibility()), join(codes, "<br>"), carriers_text(packet));
  }
  return text + fmt::format("\nBlind: {}.\nEnds without a code: {}.\nDenials without a code: {}.\n",
                            join(blind_spots(view.visible), ", "), closes_text(view.visible),
                            denials_text(view.visible));
}

}  // namespace

std::string render_broker(const Profile& profile, ListFormat format) {
  if (format == ListFormat::json) return "[\n" + broker_json(profile) + "\n]\n";
  if (format == ListFormat::text) return detail_text(profile);
  std::string text =
      fmt::format("# {}\n\n`{}`, checked against {}\n", profile.title, profile.name, profile.versions);
  for (const BrokerView& view : views_of(profile)) text += view_markdown(view);
  return text;
}

}  // namespace mre
