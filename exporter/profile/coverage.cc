#include <algorithm>
#include <set>

#include "exporter/profile/profile.h"

// What a profile can tell is worked out from its rules, never written beside them: the series that exist as 0
// and the counts they will get are one fact.
namespace mre {
namespace {

using mqtt::Protocol;

constexpr Protocol kAllProtocols[] = {Protocol::v3_1, Protocol::v3_1_1, Protocol::v5, Protocol::unknown};

bool possible(const When& when, Protocol protocol) {
  return when.protocols == 0 || (when.protocols & bit_of(protocol)) != 0;
}

bool possible(const When& when, std::uint8_t code) {
  return when.codes.empty() || std::ranges::any_of(when.codes, [&](const auto& range) {
           return range.first <= code && code <= range.second;
         });
}

bool allowed_in(const Tell& tell, Protocol protocol, std::uint8_t code) {
  if (tell.direction != mqtt::Direction::unknown)
    return mqtt::allowed(protocol, tell.packet, tell.direction, code);
  return mqtt::allowed(protocol, tell.packet, mqtt::Direction::sent, code) ||
         mqtt::allowed(protocol, tell.packet, mqtt::Direction::received, code);
}

/// The protocols that a case can tell: fixed, or as the record or the client's memory may say.
std::vector<Protocol> protocols_of(const Rule& rule, const Case& one) {
  if (one.tell.protocol) return {*one.tell.protocol};
  const bool known_somehow =
      rule.subscribe != SubscribeLine::none ||
      std::ranges::any_of(
          rule.members,
          [](const auto& m) { return m.first == Field::protocol || m.first == Field::client; }) ||
      std::ranges::any_of(rule.patterns,
                          [](const Pattern& p) { return p.has(Field::protocol) || p.has(Field::client); });
  std::vector<Protocol> protocols;
  for (const Protocol protocol : kAllProtocols) {
    if ((known_somehow || protocol == Protocol::unknown) && possible(one.when, protocol))
      protocols.push_back(protocol);
  }
  return protocols;
}

void add_codes(const Rule& rule, const Case& one, std::set<ReasonEvent>& codes) {
  const Tell& tell = one.tell;
  for (const Protocol protocol : protocols_of(rule, one)) {
    const auto add = [&](std::uint8_t code, Evidence evidence) {
      codes.insert({tell.packet, tell.direction, protocol, code, tell.evidence.value_or(evidence)});
    };
    if (tell.code) {
      add(*tell.code, Evidence::inferred);
    } else if (!tell.bytes.empty()) {
      for (const auto& [from, to] : tell.bytes) add(to, Evidence::code_in_record);
    } else {
      for (unsigned code = 0; code < 256; ++code) {
        const auto byte = static_cast<std::uint8_t>(code);
        if (possible(one.when, byte) && allowed_in(tell, protocol, byte)) add(byte, Evidence::code_in_record);
      }
    }
  }
}

}  // namespace

Coverage coverage_of(const std::vector<Rule>& rules, SourceKind kind) {
  std::set<ReasonEvent> codes;
  std::set<CloseEvent> closes;
  for (const Rule& rule : rules) {
    if ((rule.sources & bit_of(kind)) == 0) continue;
    for (const Case& one : rule.cases) {
      if (one.tell.kind == Tell::Kind::code) add_codes(rule, one, codes);
      if (one.tell.kind != Tell::Kind::close) continue;
      for (const Protocol protocol : protocols_of(rule, one)) {
        closes.insert({protocol, one.tell.close, one.tell.initiator});
      }
    }
  }
  return {{codes.begin(), codes.end()}, {closes.begin(), closes.end()}};
}

}  // namespace mre
