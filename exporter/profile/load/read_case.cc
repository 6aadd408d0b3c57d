// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/load/read_case.h"

#include "exporter/base/join.h"
#include "exporter/profile/load/profile_keys.h"
#include "exporter/profile/match/code_reader.h"

namespace mre {
namespace {

constexpr std::string_view kProtocols = "3.1 3.1.1 5.0 unknown";
constexpr std::string_view kPackets = "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH";

std::optional<ClientState> client_state_from(std::string_view text) {
  if (text == "connected") return ClientState::connected;
  if (text == "ended") return ClientState::ended;
  if (text == "unknown") return ClientState::unknown;
  if (text == "refused") return ClientState::refused;
  if (text == "announced") return ClientState::announced;
  return {};
}

std::optional<Evidence> evidence_from(std::string_view text) {
  if (text == "explicit") return Evidence::code_in_record;
  if (text == "inferred") return Evidence::inferred;
  return {};
}

std::string close_labels() {
  return join(mqtt::close_reasons(), " ", [](const auto& row) { return row.label; });
}

/// Only a reason of class error: a broker does not deny something with `normal_disconnection`.
std::optional<mqtt::CloseReason> denial_reason_from(std::string_view text) {
  const auto reason = mqtt::close_reason_from(text);
  return reason && mqtt::close_reasons()[*reason].cls == mqtt::Class::error ? reason : std::nullopt;
}

std::string denial_labels() {
  std::vector<std::string_view> labels;
  for (const auto& row : mqtt::close_reasons())
    if (row.cls == mqtt::Class::error) labels.push_back(row.label);
  return join(labels, " ");
}

class CaseReader {
 public:
  explicit CaseReader(ProfileReader& read) : read_(read) {}

  Case read_case(const YamlNode& node) {
    Case one;
    if (!read_.map(node, profile_keys::kCase)) return one;
    if (const auto* when = read_.find(node, "when")) read_when(*when, one.when);
    read_emission(node, one.emission);
    one.connects = read_.flag(read_.find(node, "connects"));
    return one;
  }

 private:
  void read_when(const YamlNode& node, When& when) {
    if (!read_.map(node, profile_keys::kWhen)) return;
    if (const auto* why = read_.find(node, "why")) when.why = read_.texts(*why);
    if (const auto* begins = read_.find(node, "why_begins")) when.why_begins = read_.texts(*begins);
    if (const auto* event = read_.find(node, "event")) when.event = read_.texts(*event);
    if (const auto* begins = read_.find(node, "event_begins")) when.event_begins = read_.texts(*begins);
    if (const auto* protocols = read_.find(node, "protocol")) {
      for (const auto* one : read_.one_or_more(*protocols))
        when.protocols |= bit_of(read_.word(*one, mqtt::protocol_from, kProtocols));
    }
    if (const auto* clients = read_.find(node, "client")) {
      for (const auto* one : read_.one_or_more(*clients))
        when.clients |=
            bit_of(read_.word(*one, client_state_from, "connected ended unknown refused announced"));
    }
    if (const auto* codes = read_.find(node, "code")) {
      for (const auto* one : read_.one_or_more(*codes)) when.codes.push_back(read_range(*one));
    }
    if (const auto* version = read_.find(node, "version")) read_version(*version, when);
    if (const auto* follows = read_.find(node, "follows")) when.follows = read_.texts(*follows);
    when.more = !when.codes.empty() || when.from_version || when.before_version || !when.follows.empty();
  }

  /// "0x87", or "0x80..0xFF" with both ends included.
  std::pair<std::uint8_t, std::uint8_t> read_range(const YamlNode& node) {
    const std::string range = read_.text(node);
    const std::size_t dots = range.find("..");
    if (dots == std::string::npos) return {read_.byte(node), read_.byte(node)};
    const std::pair both{read_.byte(range.substr(0, dots), node.at),
                         read_.byte(range.substr(dots + 2), node.at)};
    if (both.second < both.first)
      read_.refuse(node.at, "the range ends before it begins: write the smaller code first");
    return both;
  }

  /// ">=2.0.15" or "<1.6".
  void read_version(const YamlNode& node, When& when) {
    const std::string text = read_.text(node);
    const bool before = text.starts_with("<");
    const auto version =
        before || text.starts_with(">=") ? version_from(text.substr(before ? 1 : 2)) : std::nullopt;
    if (!version) read_.refuse(node.at, "expected a version like \">=2.0.15\" or \"<1.6\"");
    (before ? when.before_version : when.from_version) = version;
  }

  void read_emission(const YamlNode& node, Emission& emission) {
    const auto* packet = read_.find(node, "packet");
    const auto* close = read_.find(node, "close");
    const auto* denied = read_.find(node, "denied");
    const bool ignore = read_.flag(read_.find(node, "ignore"));
    if ((packet != nullptr) + (close != nullptr) + (denied != nullptr) + ignore != 1) {
      read_.refuse(node.at,
                   "a case emits one thing: \"packet\" (a reason code), \"close\" (an end without a code), "
                   "\"denied\" (a denial without a code) or \"ignore: true\"");
      return;
    }
    if (const auto* protocol = read_.find(node, "protocol"))
      emission.protocol = read_.word(*protocol, mqtt::protocol_from, kProtocols);
    if (close != nullptr) {
      emission.kind = Emission::Kind::close;
      emission.reason = read_.word(*close, mqtt::close_reason_from, close_labels());
      emission.initiator =
          read_.word(read_.need(node, "by"), mqtt::initiator_from, "broker client network unknown");
    }
    if (denied != nullptr) {
      emission.kind = Emission::Kind::denial;
      emission.action = read_.word(*denied, action_from, "publish subscribe connect");
      emission.reason = read_.word(read_.need(node, "reason"), denial_reason_from, denial_labels());
      emission.or_code = read_.flag(read_.find(node, "or_code"));
    }
    refuse_key(node, "by", close == nullptr, "close");
    refuse_key(node, "reason", denied == nullptr, "denied");
    refuse_key(node, "or_code", denied == nullptr || emission.action != Action::publish, "denied: publish");
    if (packet == nullptr) return refuse_keys_of_codes(node);
    emission.kind = Emission::Kind::code;
    emission.packet = read_.word(*packet, mqtt::packet_from, kPackets);
    emission.direction =
        read_.word(read_.need(node, "direction"), mqtt::direction_from, "sent received unknown");
    if (const auto* code = read_.find(node, "code")) emission.code = read_.byte(*code);
    if (const auto* evidence = read_.find(node, "evidence"))
      emission.evidence = read_.word(*evidence, evidence_from, "explicit inferred");
    if (const auto* bytes = read_.find(node, "bytes")) {
      for (const auto& member : read_.members(*bytes))
        emission.bytes.emplace_back(read_.byte(member.key, member.at), read_.byte(member.value));
    }
  }

  void refuse_keys_of_codes(const YamlNode& node) {
    for (const std::string_view key : {"direction", "code", "evidence", "bytes"})
      refuse_key(node, key, true, "packet");
  }

  void refuse_key(const YamlNode& node, std::string_view key, bool refused, std::string_view needed) {
    const auto* value = read_.find(node, key);
    if (refused && value != nullptr)
      read_.refuse(value->at,
                   "\"" + std::string(key) + "\" needs \"" + std::string(needed) + "\" in the same case");
  }

  ProfileReader& read_;
};

}  // namespace

Case read_case(const YamlNode& node, ProfileReader& read) { return CaseReader(read).read_case(node); }

}  // namespace mre
