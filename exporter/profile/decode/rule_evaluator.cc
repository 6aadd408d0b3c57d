// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/rule_evaluator.h"

#include <algorithm>
#include <string>
#include <utility>

#include "exporter/base/join.h"

namespace mre {
namespace {

/// Whether the field is one of the texts. An empty list matches everything.
bool listed(const std::vector<std::string>& texts, const Captures& captures, Field field) {
  if (texts.empty()) return true;
  return captures.has(field) && std::ranges::find(texts, captures[field]) != texts.end();
}

/// Whether the field begins with one of the prefixes. An empty list matches everything.
bool begins(const std::vector<std::string>& prefixes, const Captures& captures, Field field) {
  if (prefixes.empty()) return true;
  const auto one = [&](const std::string& prefix) { return captures[field].starts_with(prefix); };
  return captures.has(field) && std::ranges::any_of(prefixes, one);
}

bool is_event_of(const When& when, const Captures& captures) {
  return listed(when.event, captures, Field::event) && begins(when.event_begins, captures, Field::event);
}

bool texts_hold(const When& when, const Captures& captures) {
  return listed(when.why, captures, Field::why) && begins(when.why_begins, captures, Field::why) &&
         is_event_of(when, captures);
}

constexpr std::size_t kRememberedIdentities = 16'384;

/// Replaces the code in the record by the byte that the broker sends for it.
void apply_wire_byte(const Emission& emission, ReasonEvent& event) {
  if (emission.bytes.empty()) return;
  const auto byte =
      std::ranges::find(emission.bytes, event.code, &std::pair<std::uint8_t, std::uint8_t>::first);
  if (byte == emission.bytes.end()) {
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
  if (rule.by_text.field() == Field::event) {
    return std::ranges::any_of(rule.by_text.find(captures), [&](std::uint16_t number) {
      return begins(rule.cases.data()[number].when.event_begins, captures, Field::event);
    });
  }
  return std::ranges::any_of(rule.cases, [&](const Case& c) { return is_event_of(c.when, captures); });
}

RuleEvaluator::RuleEvaluator(const Profile& profile, std::size_t clients, ReadSubject read_subject)
    : profile_(profile),
      read_subject_(std::move(read_subject)),
      clients_(clients),
      duplicates_(
          std::ranges::any_of(profile.rules, [](const Rule& r) { return r.reads_field(Field::identity); })
              ? kRememberedIdentities
              : 0),
      echoes_(profile.echo_window) {}

void RuleEvaluator::settle(EventSink& sink) {
  echoes_.settle([&](const EchoWindow::LateEvent& late) { emit_late(late, sink); });
}

void RuleEvaluator::emit_late(const EchoWindow::LateEvent& late, EventSink& sink) {
  late_ = &late;
  sink.on_code(late.event);
  late_ = nullptr;
}

void RuleEvaluator::clear() {
  clients_.clear();
  duplicates_.clear();
  echoes_.clear();
  ended_peer_ = 0;
  version_.reset();
  reported_version_.reset();
  before_version_.reset();
  followed_ = nullptr;
}

DecoderStats RuleEvaluator::stats() const {
  DecoderStats stats{clients_.remembered(), clients_.forgotten()};
  if (!reported_version_) return stats;
  stats.broker_version =
      join(reported_version_->parts, ".", [](std::uint16_t part) { return std::to_string(part); });
  stats.broker_version_checked =
      profile_.checked.empty() || std::ranges::any_of(profile_.checked, [&](const Releases& r) {
        return r.contains(*reported_version_);
      });
  return stats;
}

void RuleEvaluator::save(ByteWriter& out) const {
  clients_.save(out);
  duplicates_.save(out);
  echoes_.save(out);
  out.word(ended_peer_);
  save_version(version_, out);
  save_version(reported_version_, out);
  save_version(before_version_, out);
  const bool may_be_followed = followed_ != nullptr && followed_at_ == echoes_.now();
  out.text(may_be_followed ? followed_->id : "");
  out.word(may_be_followed ? followed_client_ : 0);
}

void RuleEvaluator::restore(ByteReader& in) {
  clear();
  clients_.restore(in);
  duplicates_.restore(in);
  echoes_.restore(in);
  ended_peer_ = in.word();
  version_ = restored_version(in);
  reported_version_ = restored_version(in);
  before_version_ = restored_version(in);
  const std::string_view id = in.text();
  followed_client_ = in.word();
  followed_at_ = echoes_.now();
  if (id.empty()) return;
  const auto rule = std::ranges::find(profile_.rules, id, &Rule::id);
  if (rule == profile_.rules.end()) return in.fail();
  followed_ = &*rule;
}

Decoded RuleEvaluator::evaluate(const Rule& rule, const Captures& captures, EventSink& sink) {
  if (rule.code_only) return evaluate_code(rule, captures, sink);
  if (is_duplicate(rule, captures)) return {Outcome::ignored, RecordError::none, &rule.id};
  Facts facts = facts_of(rule, captures);
  if (captures.has(Field::version)) note_version(read_version(captures[Field::version]));
  connected_ = rule.connects;
  closed_ = false;
  connected_as_.reset();
  const Outcome outcome = captures.has(Field::codes) ? evaluate_each_code(rule, captures, facts, sink)
                                                     : evaluate_cases(rule, captures, facts, sink);
  remember(rule, facts);
  if (rule.noted) note_record(rule, facts.client);
  if (outcome != Outcome::malformed) return {outcome, RecordError::none, &rule.id};
  return {outcome, captures.any_ambiguous() ? RecordError::ambiguous : RecordError::invalid_value, &rule.id};
}

/// Whether the record delivers an event again.
bool RuleEvaluator::is_duplicate(const Rule& rule, const Captures& captures) {
  if (!captures.has(Field::identity)) return false;
  // Equal identities under different rules are different events.
  const auto number = static_cast<std::uint64_t>(&rule - profile_.rules.data());
  const std::uint64_t identity = clients_.hash(captures[Field::identity]) + number;
  return duplicates_.is_duplicate(identity == 0 ? 1 : identity);
}

void RuleEvaluator::note_version(const std::optional<Version>& version) {
  version_ = reported_version_ = before_version_ = version;
  if (before_version_) ++before_version_->parts.back();
}

/// Notes what a record of the rule says about the broker, and that it was the last record.
void RuleEvaluator::note_record(const Rule& rule, std::uint64_t client) {
  if (rule.until) {
    if (broker_is(rule.until)) version_.reset();
    if (!broker_is_before(rule.until)) before_version_ = rule.until;
  }
  if (rule.restarts) clients_.end_all(), ++broker_starts_;
  if (rule.followed) followed_ = &rule, followed_client_ = client, followed_at_ = echoes_.now();
}

/// Notes what the record says about its client, for later records.
void RuleEvaluator::remember(const Rule& rule, const Facts& facts) {
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

RuleEvaluator::Facts RuleEvaluator::facts_of(const Rule& rule, const Captures& captures) {
  Facts facts;
  facts.captures = &captures;
  if (captures.has(Field::client)) {
    facts.client = clients_.hash(captures[Field::client]);
    facts.client_unknown =
        !profile_.unknown_client.empty() && captures[Field::client] == profile_.unknown_client;
    if (const auto* known = clients_.find(facts.client)) {
      facts.protocol = rule.answers ? known->announced_protocol() : known->protocol;
      facts.client_state = known->state_with_announced();
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

bool RuleEvaluator::more_holds(const When& when, const Facts& facts) const {
  if (when.from_version && !broker_is(when.from_version)) return false;
  if (when.before_version && !broker_is_before(when.before_version)) return false;
  if (!when.follows.empty() && !follows(when, facts)) return false;
  return when.codes.empty() || (facts.code && when.includes(*facts.code));
}

/// Whether one of these rules read the preceding record, and it was not about another client.
bool RuleEvaluator::follows(const When& when, const Facts& facts) const {
  if (followed_ == nullptr || followed_at_ + 1 != echoes_.now()) return false;
  if (followed_client_ != 0 && facts.client != 0 && followed_client_ != facts.client) return false;
  return std::ranges::find(when.follows, followed_->id) != when.follows.end();
}

Outcome RuleEvaluator::evaluate_each_code(const Rule& rule, const Captures& captures, Facts& facts,
                                          EventSink& sink) {
  if (!codes_.read(rule.spelling, rule.separator, captures[Field::codes])) return Outcome::malformed;
  Outcome all = Outcome::ignored;
  for (const std::uint8_t code : codes_.codes()) {
    facts.code = code;
    const Outcome one = evaluate_cases(rule, captures, facts, sink);
    if (one != Outcome::ignored) all = one;
    if (closed_) break;  // at most one close for each record
  }
  return all;
}

/// Evaluates the first case whose conditions hold.
Outcome RuleEvaluator::evaluate_cases(const Rule& rule, const Captures& captures, const Facts& facts,
                                      EventSink& sink) {
  for (const std::uint16_t number : rule.by_text.find(captures)) {
    const Case& one = rule.cases.data()[number];
    if (!holds(one.when, facts) || (rule.has_other_texts && !texts_hold(one.when, captures))) continue;
    connected_ |= one.connects;
    if (one.connects) connected_as_ = one.emission.protocol;
    return emit(rule, one.emission, facts, sink);
  }
  return rule.cases.empty() ? Outcome::ignored : Outcome::malformed;
}

Outcome RuleEvaluator::emit(const Rule& rule, const Emission& emission, const Facts& facts, EventSink& sink) {
  const bool in_words = emission.kind != Emission::Kind::code || emission.code.has_value();
  const bool echo = rule.echo != kNoEcho && in_words && !rule.waits && echoes_.absorbed(rule.echo);
  if (echo || emission.kind == Emission::Kind::nothing) return Outcome::ignored;
  const mqtt::Protocol protocol = emission.protocol.value_or(facts.protocol);
  if (emission.kind == Emission::Kind::close) {
    closed_ = true;
    sink.on_close({protocol, emission.reason, emission.initiator});
    return Outcome::matched;
  }
  if (emission.kind == Emission::Kind::denial) {
    sink.on_denial({protocol, emission.action, emission.reason, emission.or_code});
    return Outcome::matched;
  }
  if (!emission.code && !facts.code) return Outcome::malformed;
  ReasonEvent event{emission.packet, emission.direction, protocol,
                    emission.code.value_or(facts.code.value_or(0)),
                    emission.code ? Evidence::inferred : Evidence::code_in_record};
  if (!emission.code) apply_wire_byte(emission, event);
  if (emission.evidence) event.evidence = *emission.evidence;
  emit_code(rule, event, in_words, facts, sink);
  return Outcome::matched;
}

void RuleEvaluator::emit_code(const Rule& rule, const ReasonEvent& event, bool in_words, const Facts& facts,
                              EventSink& sink) {
  if (rule.echo == kNoEcho) return sink.on_code(event);
  const bool is_error = mqtt::classify(event.protocol, event.packet, event.code) == mqtt::Class::error;
  if (rule.waits) {
    EchoWindow::LateEvent late{event};
    if (is_error) late.subject = std::make_shared<const OwnedSubject>(read_subject_(rule, *facts.captures));
    echoes_.wait(rule.echo, facts.client, std::move(late),
                 [&](const EchoWindow::LateEvent& oldest) { emit_late(oldest, sink); });
    return;
  }
  if (!in_words) echoes_.code(rule.echo, facts.client, is_error);
  sink.on_code(event);
}

}  // namespace mre
