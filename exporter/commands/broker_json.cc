// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "exporter/base/text.h"
#include "exporter/commands/broker_view.h"
#include "exporter/mqtt/reason_text.h"

namespace mre {
namespace {

std::string json_text(std::string_view text) { return '"' + json_escape(text) + '"'; }

template <class Items, class Write>
std::string json_list(const Items& items, Write&& write) {
  std::string out;
  for (const auto& item : items) {
    if (!out.empty()) out += ',';
    out += write(item);
  }
  return '[' + out + ']';
}

std::string json_of(const CodeGroup& group) {
  return fmt::format(
      R"({{"evidence":"{}","protocols":{},"codes":{}}})", to_string(group.evidence),
      json_list(group.protocols, [](mqtt::Protocol protocol) { return json_text(to_string(protocol)); }),
      json_list(group.codes, [](std::uint8_t code) { return json_text(mqtt::hex(code)); }));
}

std::string json_of(const Carrier& carrier) {
  return fmt::format(R"({{"rule":{},"evidence":"{}","only_without_code":{}}})", json_text(carrier.rule),
                     to_string(carrier.evidence), carrier.only_without_code);
}

std::string json_of(const VisiblePacket& packet) {
  return fmt::format(R"({{"packet":"{}","direction":"{}","seen":"{}","codes":{},"rules":{}}})",
                     to_string(packet.packet), to_string(packet.direction), to_string(packet.visibility()),
                     json_list(groups_of(packet), [](const CodeGroup& group) { return json_of(group); }),
                     json_list(packet.carriers, [](const Carrier& carrier) { return json_of(carrier); }));
}

std::string json_of(const CloseEvent& close) {
  return fmt::format(R"({{"reason":"{}","initiator":"{}","protocol":"{}"}})",
                     mqtt::close_reasons()[close.reason].label, to_string(close.initiator),
                     to_string(close.protocol));
}

std::string json_of(const DenialEvent& denial) {
  return fmt::format(R"({{"action":"{}","reason":"{}","protocol":"{}"}})", to_string(denial.action),
                     mqtt::close_reasons()[denial.reason].label, to_string(denial.protocol));
}

std::string json_of(const BrokerView& view) {
  return fmt::format(
      R"({{"source":"{}","level":{},"setting":{},"sees":{},"blind":{},"ends_without_code":{},"denials_without_code":{}}})",
      to_string(view.kind), json_text(view.level), json_text(view.setting),
      json_list(view.visible.packets, [](const VisiblePacket& packet) { return json_of(packet); }),
      json_list(blind_spots(view.visible), [](const std::string& spot) { return json_text(spot); }),
      json_list(view.visible.closes, [](const CloseEvent& close) { return json_of(close); }),
      json_list(view.visible.denials, [](const DenialEvent& denial) { return json_of(denial); }));
}

}  // namespace

std::string broker_json(const Profile& profile) {
  std::string sources;
  for (const SourceKind kind : kProfiledKinds) {
    const ProfileSource& source = profile.source(kind);
    if (!source.supported) continue;
    sources += fmt::format(R"({}{{"kind":"{}","setting":{}}})", sources.empty() ? "" : ",", to_string(kind),
                           json_text(source.setting));
  }
  return fmt::format(R"({{"name":{},"title":{},"versions":{},"sources":[{}],"views":{}}})",
                     json_text(profile.name), json_text(profile.title), json_text(profile.versions), sources,
                     json_list(views_of(profile), [](const BrokerView& view) { return json_of(view); }));
}

}  // namespace mre
