// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "exporter/profile/profile.h"
#include "exporter/profile/visibility.h"

// Derives what a profile can emit from its rules, so that the series that are exported as 0, the events that
// are counted, and the table of what each broker shows cannot contradict each other.
namespace mre {
namespace {

using mqtt::Protocol;

constexpr Protocol kAllProtocols[] = {Protocol::v3_1, Protocol::v3_1_1, Protocol::v5, Protocol::unknown};

bool allowed_in(const Emission& emission, Protocol protocol, std::uint8_t code) {
  if (emission.direction != mqtt::Direction::unknown)
    return mqtt::allowed(protocol, emission.packet, emission.direction, code);
  return mqtt::allowed(protocol, emission.packet, mqtt::Direction::sent, code) ||
         mqtt::allowed(protocol, emission.packet, mqtt::Direction::received, code);
}

bool implies(const std::vector<std::string>& narrow, const std::vector<std::string>& wide) {
  return wide.empty() || (!narrow.empty() && std::ranges::all_of(narrow, [&](const std::string& word) {
           return std::ranges::find(wide, word) != wide.end();
         }));
}

/// Whether an earlier case of the rule matches every record of this protocol (and code, if one is read) that
/// `one` would match.
bool is_shadowed(const Rule& rule, const Case& one, Protocol protocol, std::optional<std::uint8_t> code) {
  for (const Case& earlier : rule.cases) {
    if (&earlier == &one) return false;
    const When& wide = earlier.when;
    const bool clients =
        wide.clients == 0 || (one.when.clients != 0 && (one.when.clients & ~wide.clients) == 0);
    const bool codes = wide.codes.empty() || (code && wide.includes(*code));
    const std::uint8_t known = one.emission.protocol ? one.when.protocols : bit_of(protocol);
    const bool protocols = wide.protocols == 0 || (known != 0 && (known & ~wide.protocols) == 0);
    if (clients && protocols && codes && !wide.from_version && !wide.before_version && wide.follows.empty() &&
        implies(one.when.why, wide.why) && implies(one.when.event, wide.event) &&
        implies(one.when.why_begins, wide.why_begins) && implies(one.when.event_begins, wide.event_begins))
      return true;
  }
  return false;
}

/// The rules whose records are written at one level of a source, and what they make known to each other.
class Level {
 public:
  Level(const Profile& profile, SourceKind kind, std::size_t level) : profile_(profile) {
    for (const Rule& rule : profile.rules) {
      if ((rule.sources & bit_of(kind)) == 0 || rule.level[static_cast<std::size_t>(kind)] > level) continue;
      rules_.push_back(&rule);
      const bool connects = rule.connects || std::ranges::any_of(rule.cases, &Case::connects);
      if (reads_of_line(rule, Field::protocol) && (connects || rule.announces))
        remembered_protocols_ = protocols_written();
      if (connects) states_ |= bit_of(ClientState::connected);
      if (rule.announces) states_ |= bit_of(ClientState::announced);
      if (rule.answers) states_ |= bit_of(ClientState::refused);
      if (rule.ends || rule.restarts) states_ |= bit_of(ClientState::ended);
    }
    for (const Rule* rule : rules_) {
      for (const Case& one : rule->cases) {
        if (rule->echo != kNoEcho && one.emission.kind == Emission::Kind::code && !one.emission.code)
          coded_.insert({rule->echo, one.emission.packet, one.emission.direction});
      }
    }
  }

  /// Calls `visit(rule, case)` for each case that a record of this level can reach.
  template <class Visit>
  void each_case(Visit&& visit) const {
    for (const Rule* rule : rules_) {
      for (const Case& one : rule->cases) {
        if (reachable(one)) visit(*rule, one);
      }
    }
  }

  /// Whether the records of this level can produce the client state that the case requires.
  bool reachable(const Case& one) const { return one.when.clients == 0 || (one.when.clients & states_) != 0; }

  /// The protocols that a case can emit: fixed, or from the record or the client's earlier records.
  std::vector<Protocol> protocols_of(const Rule& rule, const Case& one) const {
    std::uint8_t known = bit_of(Protocol::unknown);
    if (reads_of_line(rule, Field::protocol)) known |= protocols_written();
    if (rule.subscribe != SubscribeLine::none || reads_of_line(rule, Field::client))
      known |= remembered_protocols_;
    if (one.when.protocols != 0) known &= one.when.protocols;
    if (one.emission.protocol)
      return known != 0 ? std::vector{*one.emission.protocol} : std::vector<Protocol>{};
    std::vector<Protocol> protocols;
    for (const Protocol protocol : kAllProtocols) {
      if ((known & bit_of(protocol)) != 0) protocols.push_back(protocol);
    }
    return protocols;
  }

  void add_codes(const Rule& rule, const Case& one, std::set<ReasonEvent>& codes) const {
    const Emission& emission = one.emission;
    for (const Protocol protocol : protocols_of(rule, one)) {
      if (is_shadowed(rule, one, protocol, {})) continue;
      const auto add = [&](std::uint8_t code, Evidence evidence) {
        codes.insert(
            {emission.packet, emission.direction, protocol, code, emission.evidence.value_or(evidence)});
      };
      if (emission.code) {
        add(*emission.code, Evidence::inferred);
      } else if (!emission.bytes.empty()) {
        for (const auto& [from, to] : emission.bytes) add(to, Evidence::code_in_record);
      } else {
        for (unsigned code = 0; code < 256; ++code) {
          const auto byte = static_cast<std::uint8_t>(code);
          if (one.when.includes(byte) && allowed_in(emission, protocol, byte) &&
              !is_shadowed(rule, one, protocol, byte))
            add(byte, Evidence::code_in_record);
        }
      }
    }
  }

  void add_closes(const Rule& rule, const Case& one, std::set<CloseEvent>& closes) const {
    for (const Protocol protocol : protocols_of(rule, one)) {
      if (!is_shadowed(rule, one, protocol, {}))
        closes.insert({protocol, one.emission.reason, one.emission.initiator});
    }
  }

  void add_denials(const Rule& rule, const Case& one, std::set<DenialEvent>& denials) const {
    for (const Protocol protocol : protocols_of(rule, one)) {
      if (is_shadowed(rule, one, protocol, {})) continue;
      const DenialEvent denial{protocol, one.emission.action, one.emission.reason, one.emission.or_code};
      if (!denial.or_code) denials.erase(denial);  // another case may have set or_code
      denials.insert(denial);
    }
  }

  /// Whether a record with the code, or the client state that it set, suppresses a case without a code.
  bool only_without_code(const Rule& rule, const Case& one) const {
    if (!one.emission.code) return false;
    if (rule.echo != kNoEcho)
      return coded_.contains({rule.echo, one.emission.packet, one.emission.direction});
    return std::ranges::any_of(rule.cases, [&](const Case& c) {
      const bool any_protocol =
          remembered_protocols_ != 0 && (remembered_protocols_ & ~c.when.protocols) == 0;
      const bool connected = c.when.protocols == 0 && (c.when.clients & bit_of(ClientState::connected)) != 0;
      return c.emission.kind == Emission::Kind::nothing && reachable(c) && (any_protocol || connected);
    });
  }

 private:
  bool reads_of_line(const Rule& rule, Field field) const {
    return rule.reads_field(field) || (rule.reads == Rule::Reads::line && profile_.reads_around(field));
  }

  std::uint8_t protocols_written() const {
    std::uint8_t set = 0;
    for (const ProtocolSpelling& spelling : profile_.protocols) set |= bit_of(spelling.protocol);
    return set;
  }

  const Profile& profile_;
  std::vector<const Rule*> rules_;
  std::uint8_t remembered_protocols_ = 0;  // protocols known from a client's connect record
  std::uint8_t states_ = bit_of(ClientState::unknown);
  /// Echo group, packet and direction of the records that contain a code.
  std::set<std::tuple<std::uint8_t, mqtt::Packet, mqtt::Direction>> coded_;
};

constexpr std::size_t kMaxLevel = 0xFF;

void add_carrier(std::vector<Carrier>& carriers, const Carrier& carrier) {
  const auto found = std::ranges::find(carriers, carrier.rule, &Carrier::rule);
  if (found == carriers.end()) {
    carriers.push_back(carrier);
  } else {  // another case of the same rule: the better one counts
    found->evidence = std::min(found->evidence, carrier.evidence);
    found->only_without_code = found->only_without_code && carrier.only_without_code;
  }
}

}  // namespace

Coverage coverage_of(const Profile& profile, SourceKind kind) {
  std::set<ReasonEvent> codes;
  std::set<CloseEvent> closes;
  std::set<DenialEvent> denials;
  const Level level(profile, kind, kMaxLevel);
  level.each_case([&](const Rule& rule, const Case& one) {
    if (one.emission.kind == Emission::Kind::code) level.add_codes(rule, one, codes);
    if (one.emission.kind == Emission::Kind::close) level.add_closes(rule, one, closes);
    if (one.emission.kind == Emission::Kind::denial) level.add_denials(rule, one, denials);
  });
  return {{codes.begin(), codes.end()}, {closes.begin(), closes.end()}, {denials.begin(), denials.end()}};
}

std::vector<Visibility> visibility_of(const Profile& profile, SourceKind kind) {
  std::vector<Visibility> shows(std::max<std::size_t>(profile.source(kind).levels.size(), 1));
  Visibility lower;
  for (std::size_t i = 0; i < shows.size(); ++i) {
    const VisibleEvents seen = visible_events(profile, kind, i);
    for (const VisiblePacket& packet : seen.packets)
      if (!lower.shows(packet.events.front())) shows[i].add(packet.events.front());
    for (const DenialEvent& denial : seen.denials)
      if (!lower.shows(denial)) shows[i].add(denial);
    lower.add(shows[i]);
  }
  return shows;
}

std::string_view to_string(CodeVisibility visibility) {
  constexpr std::string_view names[] = {"blind", "words", "mixed", "exact"};
  return names[static_cast<std::size_t>(visibility)];
}

CodeVisibility VisiblePacket::visibility() const {
  if (events.empty()) return CodeVisibility::blind;
  std::set<std::uint8_t> in_records;
  for (const ReasonEvent& event : events) {
    if (event.evidence == Evidence::code_in_record) in_records.insert(event.code);
  }
  if (in_records.empty()) return CodeVisibility::words;
  return in_records.size() == codes().size() ? CodeVisibility::exact : CodeVisibility::mixed;
}

std::vector<std::uint8_t> VisiblePacket::codes() const {
  std::set<std::uint8_t> codes;
  for (const ReasonEvent& event : events) codes.insert(event.code);
  return {codes.begin(), codes.end()};
}

const VisiblePacket* VisibleEvents::find(mqtt::Packet packet, mqtt::Direction direction) const {
  const auto found = std::ranges::find_if(
      packets, [&](const VisiblePacket& p) { return p.packet == packet && p.direction == direction; });
  return found == packets.end() ? nullptr : &*found;
}

VisibleEvents visible_events(const Profile& profile, SourceKind kind, std::size_t number) {
  struct Cell {
    std::set<ReasonEvent> events;
    std::vector<Carrier> carriers;
  };
  std::map<std::pair<mqtt::Packet, mqtt::Direction>, Cell> cells;
  std::set<CloseEvent> closes;
  std::set<DenialEvent> denials;
  const Level level(profile, kind, number);
  level.each_case([&](const Rule& rule, const Case& one) {
    if (one.emission.kind == Emission::Kind::close) level.add_closes(rule, one, closes);
    if (one.emission.kind == Emission::Kind::denial) level.add_denials(rule, one, denials);
    if (one.emission.kind != Emission::Kind::code) return;
    std::set<ReasonEvent> events;
    level.add_codes(rule, one, events);
    if (events.empty()) return;
    Cell& cell = cells[{one.emission.packet, one.emission.direction}];
    add_carrier(cell.carriers, {rule.id, events.begin()->evidence, level.only_without_code(rule, one)});
    cell.events.merge(events);
  });
  VisibleEvents all;
  all.closes.assign(closes.begin(), closes.end());
  all.denials.assign(denials.begin(), denials.end());
  for (auto& [key, cell] : cells) {
    std::ranges::stable_sort(cell.carriers, [](const Carrier& a, const Carrier& b) {
      return std::pair(a.evidence, a.only_without_code) < std::pair(b.evidence, b.only_without_code);
    });
    all.packets.push_back(
        {key.first, key.second, {cell.events.begin(), cell.events.end()}, std::move(cell.carriers)});
  }
  return all;
}

}  // namespace mre
