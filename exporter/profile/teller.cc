#include "exporter/profile/teller.h"

#include <algorithm>

namespace mre {
namespace {

bool listed(const std::vector<std::string>& list, bool has, std::string_view text) {
  return list.empty() || (has && std::ranges::find(list, text) != list.end());
}

bool begins(const std::vector<std::string>& heads, bool has, std::string_view text) {
  const auto one = [&](const std::string& head) { return text.starts_with(head); };
  return heads.empty() || (has && std::ranges::any_of(heads, one));
}

bool is_event_of(const When& when, const Captures& captures) {
  const bool has = captures.has(Field::event);
  return listed(when.event, has, captures[Field::event]) &&
         begins(when.event_begins, has, captures[Field::event]);
}

bool has_identity(const Rule& rule) {
  return std::ranges::any_of(rule.members, [](const auto& m) { return m.first == Field::identity; });
}

constexpr std::size_t kRememberedEvents = 16'384;

/// The byte that the broker sends for the code in the record.
void put_on_the_wire(const Tell& what, ReasonEvent& event) {
  if (what.bytes.empty()) return;
  const auto byte = std::ranges::find(what.bytes, event.code, &std::pair<std::uint8_t, std::uint8_t>::first);
  if (byte == what.bytes.end()) {
    event.evidence = Evidence::inferred;
  } else {
    event.code = byte->second;
  }
}

}  // namespace

bool is_event_of(const Rule& rule, const Captures& captures) {
  if (rule.cases.empty()) return true;
  return std::ranges::any_of(rule.cases, [&](const Case& c) { return is_event_of(c.when, captures); });
}

Teller::Teller(const Profile& profile, std::size_t clients)
    : profile_(profile),
      clients_(clients),
      seen_(std::ranges::any_of(profile.rules, has_identity) ? kRememberedEvents : 0),
      echoes_(profile.echo_window) {}

void Teller::next_record(EventSink& sink) {
  echoes_.advance([&](const ReasonEvent& event) { sink.on_code(event); });
}

void Teller::settle(EventSink& sink) {
  echoes_.settle([&](const ReasonEvent& event) { sink.on_code(event); });
}

Decoded Teller::tell(const Rule& rule, const Captures& captures, EventSink& sink) {
  if (repeated(rule, captures)) return {Outcome::ignored, RecordError::none, rule.id};
  Facts facts = facts_of(rule, captures);
  if (captures.has(Field::version)) version_ = read_version(captures[Field::version]);
  connected_ = rule.connects;
  const Decoded decoded = captures.has(Field::codes) ? tell_each(rule, captures, facts, sink)
                                                     : tell_one(rule, captures, facts, sink);
  remember(rule, facts);
  return decoded;
}

/// Whether the record is one more delivery of an event.
bool Teller::repeated(const Rule& rule, const Captures& captures) {
  if (!captures.has(Field::identity)) return false;
  // The same members in another rule are another event.
  const auto number = static_cast<std::uint64_t>(&rule - profile_.rules.data());
  const std::uint64_t identity = clients_.hash(captures[Field::identity]) + number;
  return seen_.again(identity == 0 ? 1 : identity);
}

/// What the record says of its client, for later ones.
void Teller::remember(const Rule& rule, const Facts& facts) {
  if (connected_ && facts.peer == ended_peer_) ended_peer_ = 0;
  if (facts.client == 0) return;
  if (rule.announces) clients_.announce(facts.client, facts.protocol);
  if (connected_) clients_.connect(facts.client, facts.protocol, facts.peer);
  if (rule.answers) clients_.answer(facts.client, connected_);
  if (!rule.ends) return;
  if (clients_.find(facts.client) == nullptr) ended_peer_ = facts.client;  // no id: an address, perhaps
  clients_.end(facts.client, facts.peer);
}

Teller::Facts Teller::facts_of(const Rule& rule, const Captures& captures) {
  Facts facts;
  if (captures.has(Field::client)) {
    facts.client = clients_.hash(captures[Field::client]);
    if (const auto* known = clients_.find(facts.client)) {
      facts.protocol = rule.answers ? known->announced_protocol() : known->protocol;
      facts.client_state = known->told_state();
    }
  }
  if (captures.has(Field::peer)) {
    facts.peer = clients_.hash(captures[Field::peer]);
    if (facts.peer == ended_peer_) facts.client_state = ClientState::ended;
  }
  if (captures.has(Field::protocol)) {
    const auto known =
        std::ranges::find(profile_.protocols, captures[Field::protocol], &ProtocolSpelling::text);
    if (known != profile_.protocols.end()) {
      facts.protocol = known->protocol;
      saw_version(known->since);
    } else {
      facts.protocol = mqtt::Protocol::unknown;
    }
  } else if (captures.ambiguous(Field::protocol)) {
    facts.protocol = mqtt::Protocol::unknown;
  }
  if (rule.reads_code && captures.has(Field::code))
    facts.code = read_code(rule.spelling, captures[Field::code]);
  return facts;
}

bool Teller::holds(const When& when, const Captures& captures, const Facts& facts) const {
  if (!listed(when.why, captures.has(Field::why), captures[Field::why])) return false;
  if (!begins(when.why_begins, captures.has(Field::why), captures[Field::why])) return false;
  if (!is_event_of(when, captures)) return false;
  if (when.protocols != 0 && (when.protocols & bit_of(facts.protocol)) == 0) return false;
  if (when.clients != 0 && (when.clients & bit_of(facts.client_state)) == 0) return false;
  if (when.from_version && !broker_is(when.from_version)) return false;
  return when.codes.empty() || (facts.code && std::ranges::any_of(when.codes, [&](const auto& range) {
                                  return range.first <= *facts.code && *facts.code <= range.second;
                                }));
}

Decoded Teller::tell_each(const Rule& rule, const Captures& captures, Facts& facts, EventSink& sink) {
  Decoded all{Outcome::ignored, RecordError::none, rule.id};
  if (!codes_.read(rule.spelling, rule.separator, captures[Field::codes]))
    return {Outcome::malformed, RecordError::invalid_value, rule.id};
  for (const std::uint8_t code : codes_.codes()) {
    facts.code = code;
    const Decoded one = tell_one(rule, captures, facts, sink);
    if (one.outcome != Outcome::ignored) all = one;
  }
  return all;
}

/// The first case whose conditions hold.
Decoded Teller::tell_one(const Rule& rule, const Captures& captures, const Facts& facts, EventSink& sink) {
  if (rule.cases.empty()) return {Outcome::ignored, RecordError::none, rule.id};
  const auto found =
      std::ranges::find_if(rule.cases, [&](const Case& c) { return holds(c.when, captures, facts); });
  if (found == rule.cases.end()) return {Outcome::malformed, RecordError::invalid_value, rule.id};
  connected_ |= found->connects;
  return tell_case(rule, found->tell, facts, sink);
}

Decoded Teller::tell_case(const Rule& rule, const Tell& what, const Facts& facts, EventSink& sink) {
  const bool in_words = what.kind != Tell::Kind::code || what.code.has_value();
  const bool echo = rule.echo != kNoEcho && in_words && !rule.waits && echoes_.absorbed(rule.echo);
  if (echo || what.kind == Tell::Kind::nothing) return {Outcome::ignored, RecordError::none, rule.id};
  const mqtt::Protocol protocol = what.protocol.value_or(facts.protocol);
  if (what.kind == Tell::Kind::close) {
    sink.on_close({protocol, what.close, what.initiator});
    return {Outcome::matched, RecordError::none, rule.id};
  }
  if (!what.code && !facts.code) return {Outcome::malformed, RecordError::invalid_value, rule.id};
  ReasonEvent event{what.packet, what.direction, protocol, what.code.value_or(facts.code.value_or(0)),
                    what.code ? Evidence::inferred : Evidence::code_in_record};
  if (!what.code) put_on_the_wire(what, event);
  if (what.evidence) event.evidence = *what.evidence;
  tell_code(rule, event, in_words, facts.client, sink);
  return {Outcome::matched, RecordError::none, rule.id};
}

void Teller::tell_code(const Rule& rule, const ReasonEvent& event, bool in_words, std::uint64_t client,
                       EventSink& sink) {
  if (rule.echo != kNoEcho && rule.waits) {
    echoes_.wait(rule.echo, client, event, [&](const ReasonEvent& late) { sink.on_code(late); });
    return;
  }
  if (rule.echo != kNoEcho && !in_words) {
    const bool refuses = mqtt::classify(event.protocol, event.packet, event.code) == mqtt::Class::error;
    echoes_.code(rule.echo, client, refuses);
  }
  sink.on_code(event);
}

}  // namespace mre
