// SPDX-License-Identifier: Apache-2.0
#include "tests/support/plain/plain_interpreter.h"

#include <algorithm>
#include <array>

#include "exporter/base/text.h"
#include "exporter/mqtt/topic_filter.h"
#include "exporter/profile/match/code_reader.h"

namespace mre::test {
namespace {

constexpr std::size_t kMaxWaiting = 64;  // and as many marks

/// The length of a time stamp in front of ": ".
std::size_t time_stamp_bytes(std::string_view line) {
  constexpr std::string_view names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar",
                                        "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const bool is_name = line.size() > 3 && !is_letter(line[3]) &&
                       std::ranges::find(names, line.substr(0, 3)) != std::end(names);
  if (line.empty() || !(is_digit(line[0]) || line[0] == '[' || is_name)) return 0;
  const std::size_t end = line.find(": ");
  constexpr std::size_t max_bytes = 64;
  if (end == std::string_view::npos || end >= max_bytes) return 0;
  const std::string_view stamp = line.substr(0, end);
  const auto may_be_in_it = [](char c) {
    return is_digit(c) || is_letter(c) || std::string_view(" :.,-+/[]").find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(stamp, may_be_in_it)) return 0;
  const auto digits = static_cast<std::size_t>(std::ranges::count_if(stamp, is_digit));
  return digits >= 4 || digits == end ? end + 2 : 0;
}

bool is_one_of(const std::vector<std::string>& texts, const PlainFields& fields, Field field) {
  const auto equal = [&](const std::string& text) { return text == fields.text(field); };
  return texts.empty() || (fields.has(field) && std::ranges::any_of(texts, equal));
}

bool begins_like(const std::vector<std::string>& texts, const PlainFields& fields, Field field) {
  const auto begins = [&](const std::string& text) { return fields.text(field).starts_with(text); };
  return texts.empty() || (fields.has(field) && std::ranges::any_of(texts, begins));
}

bool is_event(const When& when, const PlainFields& fields) {
  return is_one_of(when.event, fields, Field::event) && begins_like(when.event_begins, fields, Field::event);
}

/// Stores events, equal ones with their number.
class Held final : public EventSink {
 public:
  using Events = std::vector<std::pair<ReasonEvent, std::uint64_t>>;

  explicit Held(Events& events) : events_(events) {}
  void on_code(const ReasonEvent& event) override { add(event, 1); }
  void on_close(const CloseEvent&) override {}
  void on_denial(const DenialEvent&) override {}

  void add(const ReasonEvent& event, std::uint64_t times) {
    for (auto& [known, count] : events_) {
      if (known != event) continue;
      count += times;
      return;
    }
    events_.emplace_back(event, times);
  }
  void move_from(Events& others) {
    for (const auto& [event, times] : others) add(event, times);
    others.clear();
  }

 private:
  Events& events_;
};

Decoded ignored(const Rule& rule) { return {Outcome::ignored, RecordError::none, &rule.id}; }

}  // namespace

PlainInterpreter::PlainInterpreter(std::shared_ptr<const Profile> profile, SourceKind kind)
    : profile_(std::move(profile)),
      kind_(kind),
      source_(profile_->source(kind)),
      members_(profile_->member_names),
      marks_(kMaxWaiting) {
  for (const Rule& rule : profile_->rules) {
    if (rule.subscribe == SubscribeLine::filter_denied) denied_ = &rule;
    if (rule.subscribe == SubscribeLine::unsubscribe_filter) unsubscribe_filter_ = &rule;
    if ((rule.sources & bit_of(kind)) == 0) continue;
    if (rule.reads == Rule::Reads::topic) topic_rules_.push_back(&rule);
    if (rule.reads == Rule::Reads::object) object_rules_.push_back(&rule);
    if (rule.reads != Rule::Reads::line) continue;
    for (std::size_t i = 0; i < rule.patterns.size(); ++i) lines_.push_back({&rule, i});
  }
  const auto prefix_bytes = [](const Line& line) {
    return line.rule->patterns[line.pattern].literal_prefix().size();
  };
  std::ranges::stable_sort(lines_, std::ranges::greater(), prefix_bytes);
}

// ---- Which rule reads a line.

bool PlainInterpreter::match_line(const Line& line, std::string_view message, PlainFields& fields) const {
  if (!plain_match(line.rule->patterns[line.pattern], message, fields)) return false;
  if (!line.rule->whys.empty()) fields.set(Field::why, line.rule->whys[line.pattern]);
  return true;
}

const Rule* PlainInterpreter::rule_of(std::string_view message, PlainFields& fields) const {
  for (const Line& line : lines_) {
    if (!match_line(line, message, fields)) continue;
    const auto [first, count] = line.rule->alternatives[line.pattern];
    for (std::size_t i = first; i < first + count; ++i) {
      PlainFields other;
      if (i != line.pattern && match_line({line.rule, i}, message, other)) fields.add_reading(other);
    }
    return line.rule;
  }
  return nullptr;
}

const Prefix* PlainInterpreter::prefix_of(std::string_view line, std::size_t& length,
                                          PlainFields& fields) const {
  length = 0;
  for (const Prefix& prefix : profile_->prefixes) {
    for (const Pattern& pattern : prefix.patterns) {
      PlainFields read = fields;
      length = plain_match_begin(pattern, line, read);
      const std::string_view rest = line.substr(length);
      const std::string_view key = rest.substr(0, key_length(rest));
      const bool is_known =
          prefix.first_keys.empty() ? !key.empty() : std::ranges::count(prefix.first_keys, key) > 0;
      if (length == 0 || (prefix.has_fields && !is_known)) continue;
      fields = read;
      return &prefix;
    }
  }
  length = 0;
  return nullptr;
}

PlainInterpreter::Found PlainInterpreter::find(std::string_view line) {
  Found found;
  if (profile_->prefixes.empty()) {
    found.rule = rule_of(line, found.fields);
    found.message = line;
    if (found.rule != nullptr) return found;
  }
  return find_after_prefix(line);
}

PlainInterpreter::Found PlainInterpreter::find_after_prefix(std::string_view line) {
  const bool is_json = !profile_->json.empty() && line.starts_with('{');
  std::string message(line);
  PlainFields around;
  std::size_t before = 0;
  if (!is_json && profile_->prefixes.empty()) before = time_stamp_bytes(line);
  if (!is_json && !profile_->prefixes.empty()) {
    const Prefix* const prefix = prefix_of(line, before, around);
    if (prefix == nullptr) return {Found::Kind::no_prefix};
    const std::string text(line.substr(0, before));
    if (prefix->repeats && text == last_prefix_) return {Found::Kind::no_prefix};
    if (prefix->repeats) last_prefix_ = before == line.size() ? "" : text;
    if (prefix->has_fields) return find_in_fields(line.substr(before), *prefix, around);
  }
  message = line.substr(before);
  bool is_whole_line = before == 0;
  if (message.starts_with('{') && !object_rules_.empty()) return {Found::Kind::object, nullptr, message};
  if (message.starts_with('{') && !profile_->json.empty()) {
    bool found = false;
    for (const auto& form : profile_->json) {
      Captures inside;
      members_.scan(message);
      if (!members_.read(form, inside)) {
        if (before == 0) return {};
        found = true;
        break;
      }
      if (!inside.has(Field::message)) continue;
      around.add(PlainFields(inside));
      message = inside[Field::message];
      std::size_t length = 0;
      if (!profile_->prefixes.empty()) prefix_of(message, length, around);
      message.erase(0, length);
      is_whole_line = false;
      found = true;
      break;
    }
    if (!found) return {};
  }
  if (profile_->prefixes.empty() && is_whole_line) return {};
  Found found{Found::Kind::message, nullptr, message};
  found.rule = rule_of(message, found.fields);
  if (!around.empty()) found.fields.add(around);
  return found;
}

PlainInterpreter::Found PlainInterpreter::find_in_fields(std::string_view text, const Prefix& prefix,
                                                         PlainFields around) {
  if (prefix.foreign) {
    constexpr int max_positions = 64;
    int positions = 0;
    const std::string words(prefix.foreign->literal_prefix());
    for (std::size_t at = text.find(words); at != std::string_view::npos; at = text.find(words, at + 1)) {
      PlainFields unused;
      if (++positions > max_positions || plain_match_begin(*prefix.foreign, text.substr(at), unused) > 0)
        return {Found::Kind::ambiguous};
    }
  }
  field_line_.scan(text, prefix.first_keys);
  if (!object_rules_.empty()) return {Found::Kind::fields, nullptr, std::string(text)};
  for (const auto& form : profile_->json) {
    Captures inside;
    const bool is_clear = field_line_.read(form, inside);
    if (!inside.has(Field::message)) continue;
    if (!is_clear) return {Found::Kind::ambiguous};
    around.add(PlainFields(inside));
    Found found{Found::Kind::message, nullptr, std::string(inside[Field::message])};
    found.rule = rule_of(found.message, found.fields);
    found.fields.add(around);
    return found;
  }
  return {};
}

// ---- What the record says.

Decoded PlainInterpreter::decode(const Record& record, EventSink& sink) {
  ++now_;
  while (!waiting_.empty() && now_ - waiting_.front().at > profile_->echo_window) {
    sink.on_code(waiting_.front().event);
    waiting_.pop_front();
  }
  return record.topic.empty() ? decode_line(record.payload, sink) : decode_message(record, sink);
}

void PlainInterpreter::settle(EventSink& sink) {
  for (const Waiting& one : waiting_) sink.on_code(one.event);
  waiting_.clear();
}

bool PlainInterpreter::is_cut(std::size_t line_bytes, std::size_t message_bytes) const {
  return source_.may_have_cut(line_bytes, message_bytes, broker_is(source_.cut_message_until));
}

Decoded PlainInterpreter::decode_message(const Record& record, EventSink& sink) {
  auto unknown = RecordError::no_topic;
  for (const Rule* rule : topic_rules_) {
    PlainFields fields;
    if (!plain_match(rule->patterns.front(), record.topic, fields)) continue;
    if (const auto decoded = decode_object(*rule, record.payload, false, fields, sink)) return *decoded;
    unknown = RecordError::no_rule;
  }
  const auto is_log = [&](const std::string& filter) { return mqtt::matches(filter, record.topic); };
  if (!std::ranges::any_of(profile_->mqtt.topics, is_log)) return {Outcome::unrecognised, unknown, {}};
  Decoded decoded = decode_line(record.payload, sink);
  if (decoded.outcome == Outcome::unrecognised && !topic_rules_.empty()) decoded.error = unknown;
  return decoded;
}

std::optional<Decoded> PlainInterpreter::decode_object(const Rule& rule, std::string_view object,
                                                       bool is_fields, PlainFields fields, EventSink& sink) {
  if (rule.always_ignored && rule.members.empty()) return ignored(rule);
  if (is_cut(object.size(), 0)) return Decoded{Outcome::malformed, RecordError::cut, &rule.id};
  Captures read;
  if (is_fields) {
    if (!field_line_.read(rule.members, read))
      return Decoded{Outcome::malformed, RecordError::ambiguous, &rule.id};
    fields = PlainFields(read);
  } else if (!rule.members.empty()) {
    members_.scan(object);
    if (!members_.read(rule.members, read))
      return Decoded{Outcome::malformed, RecordError::invalid_json, &rule.id};
    fields = PlainFields(read);
  }
  const auto is_its_event = [&](const Case& one) { return is_event(one.when, fields); };
  if (!rule.cases.empty() && std::ranges::none_of(rule.cases, is_its_event)) return {};
  if (rule.payload) fields.set(*rule.payload, object);
  return evaluate(rule, fields, sink);
}

Decoded PlainInterpreter::decode_line(std::string_view line, EventSink& sink) {
  if (const Rule* const rule = repeated_by(line)) return ignored(*rule);
  const Found found = find(line);
  if (found.rule != nullptr && found.rule->always_ignored) return ignored(*found.rule);
  if (found.kind == Found::Kind::ambiguous) return {Outcome::malformed, RecordError::ambiguous, {}};
  if (found.kind == Found::Kind::object || found.kind == Found::Kind::fields) {
    for (const Rule* rule : object_rules_) {
      const bool is_fields = found.kind == Found::Kind::fields;
      if (const auto decoded = decode_object(*rule, found.message, is_fields, {}, sink)) return *decoded;
    }
    return {};
  }
  if (is_cut(line.size(), found.message.size())) return {Outcome::malformed, RecordError::cut, {}};
  if (found.rule != nullptr && found.rule->subscribe != SubscribeLine::none)
    return read_subscription(*found.rule, line, found.message, found.fields, sink);
  if (found.rule != nullptr) {
    if (answering_ != Answering::nothing) begin_answer(Answering::nothing, {});
    return evaluate(*found.rule, found.fields, sink);
  }
  if (!is_utf8(line)) return {Outcome::malformed, RecordError::invalid_utf8, {}};
  const bool has_no_prefix = found.kind == Found::Kind::no_prefix;
  return {Outcome::unrecognised, has_no_prefix ? RecordError::no_prefix : RecordError::no_rule, {}};
}

Decoded PlainInterpreter::evaluate(const Rule& rule, const PlainFields& fields, EventSink& sink) {
  if (fields.has(Field::identity) && !identities_.emplace(&rule, fields.text(Field::identity)).second)
    return ignored(rule);
  Facts facts = facts_of(rule, fields);
  if (fields.has(Field::version)) {
    version_ = before_version_ = read_version(fields.text(Field::version));
    if (before_version_) ++before_version_->parts.back();
  }
  connected_ = rule.connects;
  connected_as_.reset();
  closed_ = false;
  auto outcome = Outcome::ignored;
  CodeList list;
  if (!fields.has(Field::codes)) {
    outcome = evaluate_cases(rule, fields, facts, sink);
  } else if (!list.read(rule.spelling, rule.separator, fields.text(Field::codes))) {
    outcome = Outcome::malformed;
  } else {
    for (const std::uint8_t code : list.codes()) {
      facts.code = code;
      const Outcome one = evaluate_cases(rule, fields, facts, sink);
      if (one != Outcome::ignored) outcome = one;
      if (closed_) break;
    }
  }
  remember(rule, facts);
  if (outcome != Outcome::malformed) return {outcome, RecordError::none, &rule.id};
  return {outcome, fields.any_ambiguous() ? RecordError::ambiguous : RecordError::invalid_value, &rule.id};
}

PlainInterpreter::Facts PlainInterpreter::facts_of(const Rule& rule, const PlainFields& fields) {
  Facts facts;
  if (fields.has(Field::client)) {
    facts.client = fields.text(Field::client);
    const auto known = clients_.find(*facts.client);
    if (known != clients_.end()) {
      const Client& client = known->second;
      facts.protocol = client.protocol;
      if (rule.answers)
        facts.protocol = client.announced.size() == 1 ? *client.announced.begin() : mqtt::Protocol::unknown;
      const bool is_announced = !client.announced.empty() && client.state != ClientState::connected;
      facts.state = is_announced ? ClientState::announced : client.state;
    } else if (facts.client == ended_peer_) {
      facts.state = ClientState::ended;
    }
  }
  if (fields.has(Field::peer)) {
    facts.peer = fields.text(Field::peer);
    if (facts.peer == ended_peer_) facts.state = ClientState::ended;
  }
  if (fields.has(Field::protocol) || fields.ambiguous(Field::protocol))
    facts.protocol = mqtt::Protocol::unknown;
  if (fields.has(Field::protocol)) {
    for (const ProtocolSpelling& spelling : profile_->protocols) {
      if (spelling.text != fields.text(Field::protocol)) continue;
      facts.protocol = spelling.protocol;
      saw_version(spelling.since);
      break;
    }
  }
  if (rule.reads_code && fields.has(Field::code))
    facts.code = read_code(rule.spelling, fields.text(Field::code));
  return facts;
}

bool PlainInterpreter::holds(const When& when, const PlainFields& fields, const Facts& facts) const {
  if (when.protocols != 0 && (when.protocols & bit_of(facts.protocol)) == 0) return false;
  if (when.clients != 0 && (when.clients & bit_of(facts.state)) == 0) return false;
  if (when.from_version && !broker_is(when.from_version)) return false;
  if (when.before_version && !broker_is_before(when.before_version)) return false;
  if (!when.follows.empty()) {
    const bool is_next = followed_ != nullptr && followed_at_ + 1 == now_;
    const bool is_other = followed_client_ && facts.client && followed_client_ != facts.client;
    if (!is_next || is_other || std::ranges::count(when.follows, followed_->id) == 0) return false;
  }
  if (!when.codes.empty()) {
    const auto in_range = [&](const auto& r) { return r.first <= *facts.code && *facts.code <= r.second; };
    if (!facts.code || std::ranges::none_of(when.codes, in_range)) return false;
  }
  return is_one_of(when.why, fields, Field::why) && begins_like(when.why_begins, fields, Field::why) &&
         is_event(when, fields);
}

Outcome PlainInterpreter::evaluate_cases(const Rule& rule, const PlainFields& fields, const Facts& facts,
                                         EventSink& sink) {
  for (const Case& one : rule.cases) {
    if (!holds(one.when, fields, facts)) continue;
    if (one.connects) {
      connected_ = true;
      connected_as_ = one.emission.protocol;
    }
    return emit(rule, one.emission, facts, sink);
  }
  return rule.cases.empty() ? Outcome::ignored : Outcome::malformed;
}

Outcome PlainInterpreter::emit(const Rule& rule, const Emission& emission, const Facts& facts,
                               EventSink& sink) {
  const bool in_words = emission.kind != Emission::Kind::code || emission.code.has_value();
  if (rule.echo != kNoEcho && in_words && !rule.waits && absorbed(rule.echo)) return Outcome::ignored;
  const mqtt::Protocol protocol = emission.protocol.value_or(facts.protocol);
  switch (emission.kind) {
    case Emission::Kind::nothing:
      return Outcome::ignored;
    case Emission::Kind::close:
      closed_ = true;
      sink.on_close({protocol, emission.reason, emission.initiator});
      return Outcome::matched;
    case Emission::Kind::denial:
      sink.on_denial({protocol, emission.action, emission.reason, emission.or_code});
      return Outcome::matched;
    case Emission::Kind::code:
      break;
  }
  ReasonEvent event{emission.packet, emission.direction, protocol, 0, Evidence::inferred};
  if (emission.code) {
    event.code = *emission.code;
  } else if (!facts.code) {
    return Outcome::malformed;
  } else {
    event.code = *facts.code;
    event.evidence = emission.bytes.empty() ? Evidence::code_in_record : Evidence::inferred;
    for (const auto& [in_record, on_wire] : emission.bytes) {
      if (in_record != *facts.code) continue;
      event.code = on_wire;
      event.evidence = Evidence::code_in_record;
      break;
    }
  }
  event.evidence = emission.evidence.value_or(event.evidence);
  emit_code(rule, event, in_words, facts, sink);
  return Outcome::matched;
}

void PlainInterpreter::emit_code(const Rule& rule, const ReasonEvent& event, bool in_words,
                                 const Facts& facts, EventSink& sink) {
  if (rule.echo != kNoEcho && rule.waits) {
    if (waiting_.size() == kMaxWaiting) {
      sink.on_code(waiting_.front().event);
      waiting_.pop_front();
    }
    waiting_.push_back({now_, facts.client, rule.echo, event});
    return;
  }
  if (rule.echo != kNoEcho && !in_words) {
    if (!drop_waiting(rule.echo, facts.client)) drop_waiting(rule.echo, std::nullopt);
    if (mqtt::classify(event.protocol, event.packet, event.code) == mqtt::Class::error) {
      marks_[next_mark_] = {now_, rule.echo, true};
      next_mark_ = (next_mark_ + 1) % marks_.size();
    }
  }
  sink.on_code(event);
}

bool PlainInterpreter::absorbed(std::uint8_t group) {
  for (Mark& mark : marks_) {
    if (!mark.open || mark.group != group || now_ - mark.at > profile_->echo_window) continue;
    mark.open = false;
    return true;
  }
  return false;
}

bool PlainInterpreter::drop_waiting(std::uint8_t group, const std::optional<std::string>& client) {
  const auto is_it = [&](const Waiting& one) { return one.group == group && one.client == client; };
  const auto found = std::ranges::find_if(waiting_, is_it);
  if (found == waiting_.end()) return false;
  waiting_.erase(found);
  return true;
}

void PlainInterpreter::remember(const Rule& rule, const Facts& facts) {
  if ((connected_ || rule.ends) && facts.peer == ended_peer_) ended_peer_.reset();
  if (facts.client) {
    if (rule.announces) clients_[*facts.client].announced.insert(facts.protocol);
    if (connected_) {
      Client& client = clients_[*facts.client];
      client.protocol = connected_as_.value_or(facts.protocol);
      client.state = ClientState::connected;
      client.peer = facts.peer;
    }
    if (rule.answers) {
      Client& client = clients_[*facts.client];
      client.announced.clear();
      if (!connected_ && client.state != ClientState::connected) client.state = ClientState::refused;
    }
    const bool is_unknown = !profile_->unknown_client.empty() && facts.client == profile_->unknown_client;
    if (rule.ends && !is_unknown) {
      const auto known = clients_.find(*facts.client);
      if (known == clients_.end()) {
        ended_peer_ = facts.peer ? facts.peer : facts.client;
      } else if (known->second.state == ClientState::connected &&
                 !(facts.peer && known->second.peer && facts.peer != known->second.peer)) {
        known->second.state = ClientState::ended;
      }
    }
  }
  if (rule.until) {
    if (broker_is(rule.until)) version_.reset();
    if (!broker_is_before(rule.until)) before_version_ = rule.until;
  }
  if (rule.restarts) {
    for (auto& [id, client] : clients_) {
      if (client.state == ClientState::connected) client.state = ClientState::ended;
    }
  }
  if (rule.followed) {
    followed_ = &rule;
    followed_client_ = facts.client;
    followed_at_ = now_;
  }
}

bool PlainInterpreter::broker_is(const std::optional<Version>& version) const {
  return version && version_ && *version_ >= *version;
}

bool PlainInterpreter::broker_is_before(const std::optional<Version>& version) const {
  return version && before_version_ && *before_version_ <= *version;
}

void PlainInterpreter::saw_version(const std::optional<Version>& version) {
  if (version && !broker_is(version)) version_ = version;
  if (broker_is(before_version_)) before_version_.reset();
}

// ---- The answer to a SUBSCRIBE.

Decoded PlainInterpreter::read_subscription(const Rule& rule, std::string_view line, std::string_view message,
                                            PlainFields fields, EventSink& sink) {
  switch (rule.subscribe) {
    case SubscribeLine::subscribe_received:
      begin_answer(Answering::subscribe, fields.text(Field::client));
      break;
    case SubscribeLine::unsubscribe_received:
      begin_answer(Answering::unsubscribe, fields.text(Field::client));
      break;
    case SubscribeLine::filter:
    case SubscribeLine::filter_denied:
    case SubscribeLine::unsubscribe_filter:
      if (answering_ == Answering::unsubscribe && unsubscribe_filter_ != nullptr) {
        PlainFields read;
        if (plain_match(unsubscribe_filter_->patterns.front(), message, read)) {
          read.set(Field::client, client_);
          expect(*unsubscribe_filter_, read);
        }
      }
      if (answering_ == Answering::subscribe && rule.subscribe != SubscribeLine::unsubscribe_filter)
        open_filter(rule, line, message, std::move(fields));
      break;
    case SubscribeLine::suback_sent: {
      close_filter();
      const bool is_answer = answering_ == Answering::subscribe && fields.text(Field::client) == client_;
      const auto events = is_answer ? held_ : Held::Events();
      begin_answer(Answering::nothing, {});
      for (const auto& [event, times] : events) {
        for (std::uint64_t i = 0; i < times; ++i) sink.on_code(event);
      }
      if (!events.empty()) return {Outcome::matched, RecordError::none, &rule.id};
      break;
    }
    case SubscribeLine::unsuback_sent:
      begin_answer(Answering::nothing, {});
      break;
    case SubscribeLine::log_types_change:
      repeats_ = false;
      begin_answer(Answering::nothing, {});
      return evaluate(rule, fields, sink);
    case SubscribeLine::none:
      break;
  }
  return ignored(rule);
}

void PlainInterpreter::begin_answer(Answering what, std::string_view client) {
  answering_ = what;
  client_ = client;
  filter_open_ = false;
  granted_.clear();
  held_.clear();
  expected_.clear();
}

void PlainInterpreter::open_filter(const Rule& rule, std::string_view line, std::string_view message,
                                   PlainFields fields) {
  close_filter();
  fields.set(Field::client, client_);
  if (rule.subscribe == SubscribeLine::filter_denied) {
    saw_version(rule.since);
    Held held(held_);
    evaluate(rule, fields, held);
    return;
  }
  Held granted(granted_);
  evaluate(rule, fields, granted);
  expect(rule, fields);
  filter_open_ = true;
  filter_repeated_ = false;
  filter_cut_ = is_cut(line.size() - message.size() + expected_.size(), expected_.size());
}

void PlainInterpreter::close_filter() {
  expected_.clear();
  if (!filter_open_) return;
  filter_open_ = false;
  Held held(held_);
  if (filter_repeated_ || denied_ == nullptr || broker_is(denied_->since)) return held.move_from(granted_);
  Held::Events events;
  Held denied(events);
  PlainFields fields;
  fields.set(Field::client, client_);
  evaluate(*denied_, fields, denied);
  if (events.empty()) return held.move_from(granted_);
  granted_.clear();
  if (repeats_ && !filter_cut_) held.move_from(events);
}

void PlainInterpreter::expect(const Rule& rule, const PlainFields& fields) {
  expecting_ = &rule;
  expected_.clear();
  for (const RepeatedPart& part : rule.repeated_as)
    expected_ += part.words + (part.field ? std::string(fields.text(*part.field)) : "");
}

const Rule* PlainInterpreter::repeated_by(std::string_view line) {
  if (expected_.empty() || !line.ends_with(expected_)) return nullptr;
  const std::size_t before = line.size() - expected_.size();
  if (before != 0 && time_stamp_bytes(line) != before) return nullptr;
  expected_.clear();
  filter_repeated_ = filter_open_;
  repeats_ |= filter_open_;
  return expecting_;
}

}  // namespace mre::test
