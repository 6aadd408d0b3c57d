// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/teller.h"

#include <algorithm>
#include <string>

#include "exporter/base/join.h"

namespace mre {
namespace {

/// Whether the field is one of the texts; any will do where none are named.
bool listed(const std::vector<std::string>& texts, const Captures& captures, Field field) {
  if (texts.empty()) return true;
  return captures.has(field) && std::ranges::find(texts, captures[field]) != texts.end();
}

/// Whether the field begins with one of the texts.
bool begins(const std::vector<std::string>& heads, const Captures& captures, Field field) {
  if (heads.empty()) return true;
  const auto one = [&](const std::string& head) { return captures[field].starts_with(head); };
  return captures.has(field) && std::ranges::any_of(heads, one);
}

bool is_event_of(const When& when, const Captures& captures) {
  return listed(when.event, captures, Field::event) && begins(when.event_begins, captures, Field::event);
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

void save_version(const std::optional<Version>& version, ByteWriter& out) {
  out.flag(version.has_value());
  for (const std::uint16_t part : version.value_or(Version{}).parts) out.number(part);
}

std::optional<Version> restored_version(ByteReader& in) {
  const bool known = in.flag();
  Version version;
  for (std::uint16_t& part : version.parts) part = static_cast<std::uint16_t>(in.number_up_to(UINT16_MAX));
  return known ? std::optional(version) : std::nullopt;
}

}  // namespace

bool is_event_of(const Rule& rule, const Captures& captures) {
  if (rule.cases.empty()) return true;
  return std::ranges::any_of(rule.cases, [&](const Case& c) { return is_event_of(c.when, captures); });
}

Teller::Teller(const Profile& profile, std::size_t clients)
    : profile_(profile),
      clients_(clients),
      seen_(std::ranges::any_of(profile.rules, [](const Rule& r) { return r.reads_field(Field::identity); })
                ? kRememberedEvents
                : 0),
      echoes_(profile.echo_window) {}

void Teller::settle(EventSink& sink) {
  echoes_.settle([&](const ReasonEvent& event) { sink.on_code(event); });
}

void Teller::clear() {
  clients_.clear();
  seen_.clear();
  echoes_.clear();
  ended_peer_ = 0;
  version_.reset();
  named_.reset();
  before_version_.reset();
  followed_ = nullptr;
}

DecoderStats Teller::stats() const {
  DecoderStats stats{clients_.remembered(), clients_.forgotten()};
  if (!named_) return stats;
  stats.broker_version = join(named_->parts, ".", [](std::uint16_t part) { return std::to_string(part); });
  stats.broker_version_checked =
      profile_.checked.empty() ||
      std::ranges::any_of(profile_.checked, [&](const Releases& r) { return r.contains(*named_); });
  return stats;
}

void Teller::save(ByteWriter& out) const {
  clients_.save(out);
  seen_.save(out);
  echoes_.save(out);
  out.word(ended_peer_);
  save_version(version_, out);
  save_version(named_, out);
  save_version(before_version_, out);
  const bool may_be_followed = followed_ != nullptr && followed_at_ == echoes_.now();
  out.text(may_be_followed ? followed_->id : "");
  out.word(may_be_followed ? followed_client_ : 0);
}

void Teller::restore(ByteReader& in) {
  clear();
  clients_.restore(in);
  seen_.restore(in);
  echoes_.restore(in);
  ended_peer_ = in.word();
  version_ = restored_version(in);
  named_ = restored_version(in);
  before_version_ = restored_version(in);
  const std::string_view id = in.text();
  followed_client_ = in.word();
  followed_at_ = echoes_.now();
  if (id.empty()) return;
  const auto rule = std::ranges::find(profile_.rules, id, &Rule::id);
  if (rule == profile_.rules.end()) return in.fail();
  followed_ = &*rule;
}

Decoded Teller::tell(const Rule& rule, const Captures& captures, EventSink& sink) {
  if (repeated(rule, captures)) return {Outcome::ignored, RecordError::none, &rule.id};
  Facts facts = facts_of(rule, captures);
  if (captures.has(Field::version)) note_version(read_version(captures[Field::version]));
  connected_ = rule.connects;
  closed_ = false;
  connected_as_.reset();
  const Outcome outcome = captures.has(Field::codes) ? tell_each(rule, captures, facts, sink)
                                                     : tell_one(rule, captures, facts, sink);
  remember(rule, facts);
  if (rule.noted) note(rule, facts.client);
  if (outcome != Outcome::malformed) return {outcome, RecordError::none, &rule.id};
  return {outcome, captures.any_ambiguous() ? RecordError::ambiguous : RecordError::invalid_value, &rule.id};
}

/// Whether the record is one more delivery of an event.
bool Teller::repeated(const Rule& rule, const Captures& captures) {
  if (!captures.has(Field::identity)) return false;
  // The same members in another rule are another event.
  const auto number = static_cast<std::uint64_t>(&rule - profile_.rules.data());
  const std::uint64_t identity = clients_.hash(captures[Field::identity]) + number;
  return seen_.again(identity == 0 ? 1 : identity);
}

void Teller::note_version(const std::optional<Version>& version) {
  version_ = named_ = before_version_ = version;
  if (before_version_) ++before_version_->parts.back();
}

/// What a record of the rule says of the broker, and that it was the last one.
void Teller::note(const Rule& rule, std::uint64_t client) {
  if (rule.until) {
    if (broker_is(rule.until)) version_.reset();
    if (!broker_is_before(rule.until)) before_version_ = rule.until;
  }
  if (rule.restarts) clients_.end_all();
  if (rule.followed) followed_ = &rule, followed_client_ = client, followed_at_ = echoes_.now();
}

/// What the record says of its client, for later ones.
void Teller::remember(const Rule& rule, const Facts& facts) {
  if ((connected_ || rule.ends) && facts.peer == ended_peer_) ended_peer_ = 0;
  if (facts.client == 0) return;
  if (rule.announces) clients_.announce(facts.client, facts.protocol);
  if (connected_) clients_.connect(facts.client, connected_as_.value_or(facts.protocol), facts.peer);
  if (rule.answers) clients_.answer(facts.client, connected_);
  if (!rule.ends) return;
  if (facts.client_unknown) return;
  if (clients_.find(facts.client) == nullptr) ended_peer_ = facts.peer != 0 ? facts.peer : facts.client;
  clients_.end(facts.client, facts.peer);
}

Teller::Facts Teller::facts_of(const Rule& rule, const Captures& captures) {
  Facts facts;
  if (captures.has(Field::client)) {
    facts.client = clients_.hash(captures[Field::client]);
    facts.client_unknown =
        !profile_.unknown_client.empty() && captures[Field::client] == profile_.unknown_client;
    if (const auto* known = clients_.find(facts.client)) {
      facts.protocol = rule.answers ? known->announced_protocol() : known->protocol;
      facts.client_state = known->told_state();
    } else if (facts.client == ended_peer_) {
      facts.client_state = ClientState::ended;
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
  if (when.protocols != 0 && (when.protocols & bit_of(facts.protocol)) == 0) return false;
  if (when.clients != 0 && (when.clients & bit_of(facts.client_state)) == 0) return false;
  if (!when.more) return true;
  if (when.from_version && !broker_is(when.from_version)) return false;
  if (when.before_version && !broker_is_before(when.before_version)) return false;
  if (!when.follows.empty() && !follows(when, facts)) return false;
  if (!when.codes.empty() && !(facts.code && when.takes(*facts.code))) return false;
  if (!when.asks_for_words()) return true;
  return listed(when.why, captures, Field::why) && begins(when.why_begins, captures, Field::why) &&
         is_event_of(when, captures);
}

/// Whether the record just before was read by one of these rules, and not about another client.
bool Teller::follows(const When& when, const Facts& facts) const {
  if (followed_ == nullptr || followed_at_ + 1 != echoes_.now()) return false;
  if (followed_client_ != 0 && facts.client != 0 && followed_client_ != facts.client) return false;
  return std::ranges::find(when.follows, followed_->id) != when.follows.end();
}

Outcome Teller::tell_each(const Rule& rule, const Captures& captures, Facts& facts, EventSink& sink) {
  if (!codes_.read(rule.spelling, rule.separator, captures[Field::codes])) return Outcome::malformed;
  Outcome all = Outcome::ignored;
  for (const std::uint8_t code : codes_.codes()) {
    facts.code = code;
    const Outcome one = tell_one(rule, captures, facts, sink);
    if (one != Outcome::ignored) all = one;
    if (closed_) break;  // once for the record, whatever codes it has
  }
  return all;
}

/// The first case whose conditions hold.
Outcome Teller::tell_one(const Rule& rule, const Captures& captures, const Facts& facts, EventSink& sink) {
  for (const Case& one : rule.cases) {
    if (!holds(one.when, captures, facts)) continue;
    connected_ |= one.connects;
    if (one.connects) connected_as_ = one.tell.protocol;
    return tell_case(rule, one.tell, facts, sink);
  }
  return rule.cases.empty() ? Outcome::ignored : Outcome::malformed;
}

Outcome Teller::tell_case(const Rule& rule, const Tell& what, const Facts& facts, EventSink& sink) {
  const bool in_words = what.kind != Tell::Kind::code || what.code.has_value();
  const bool echo = rule.echo != kNoEcho && in_words && !rule.waits && echoes_.absorbed(rule.echo);
  if (echo || what.kind == Tell::Kind::nothing) return Outcome::ignored;
  const mqtt::Protocol protocol = what.protocol.value_or(facts.protocol);
  if (what.kind == Tell::Kind::close) {
    closed_ = true;
    sink.on_close({protocol, what.reason, what.initiator});
    return Outcome::matched;
  }
  if (what.kind == Tell::Kind::denial) {
    sink.on_denial({protocol, what.action, what.reason, what.or_code});
    return Outcome::matched;
  }
  if (!what.code && !facts.code) return Outcome::malformed;
  ReasonEvent event{what.packet, what.direction, protocol, what.code.value_or(facts.code.value_or(0)),
                    what.code ? Evidence::inferred : Evidence::code_in_record};
  if (!what.code) put_on_the_wire(what, event);
  if (what.evidence) event.evidence = *what.evidence;
  tell_code(rule, event, in_words, facts.client, sink);
  return Outcome::matched;
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
