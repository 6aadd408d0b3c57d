#include <algorithm>

#include "exporter/base/text.h"
#include "exporter/mqtt/topic_filter.h"
#include "exporter/profile/client_memory.h"
#include "exporter/profile/code_reader.h"
#include "exporter/profile/echo_window.h"
#include "exporter/profile/head_index.h"
#include "exporter/profile/json_members.h"
#include "exporter/profile/message_start.h"
#include "exporter/profile/profile.h"

// The decoder of a profile. A line goes: time stamp off, rules by their head (HeadIndex), pattern, fields. An
// event of a broker goes: rules by their topic, members of the JSON object, fields. From the fields on both
// are the same: the first case whose conditions hold says what the record tells.
namespace mre {
namespace {

bool listed(const std::vector<std::string>& list, bool has, std::string_view text) {
  return list.empty() || (has && std::ranges::find(list, text) != list.end());
}

/// What a record says once its fields are known.
struct Facts {
  mqtt::Protocol protocol = mqtt::Protocol::unknown;
  ClientState client_state = ClientState::unknown;
  std::uint64_t client = 0;  // 0: none, or ambiguous
  std::uint64_t peer = 0;
  std::optional<std::uint8_t> code;
};

class ProfileDecoder final : public Decoder {
 public:
  ProfileDecoder(std::shared_ptr<const Profile> profile, SourceKind kind, std::size_t clients)
      : profile_(std::move(profile)),
        cut_at_(profile_->source(kind).cut_at),
        coverage_(profile_->coverage(kind)),
        clients_(clients),
        echoes_(profile_->echo_window) {
    for (const Rule& rule : profile_->rules) {
      if ((rule.sources & bit_of(kind)) == 0) continue;
      if (rule.reads == Rule::Reads::topic) topic_rules_.push_back(&rule);
      if (rule.reads == Rule::Reads::object) object_rules_.push_back(&rule);
      if (rule.reads == Rule::Reads::line) add_line_rule(rule);
    }
  }

  Decoded decode(const Record& record, EventSink& sink) override {
    echoes_.advance([&](const ReasonEvent& event) { sink.on_code(event); });
    if (record.topic.empty()) return decode_line(record.payload, sink);
    for (const Rule* rule : topic_rules_) {
      captures_.clear();
      if (!rule->patterns.front().match(record.topic, captures_)) continue;
      if (const auto decoded = decode_object(*rule, record.payload, sink)) return *decoded;
    }
    // Elsewhere strangers publish: a line of theirs is no line of the broker.
    const auto is_log = [&](const std::string& filter) { return mqtt::matches(filter, record.topic); };
    return std::ranges::any_of(profile_->mqtt.topics, is_log) ? decode_line(record.payload, sink) : Decoded{};
  }

  void settle(EventSink& sink) override {
    echoes_.settle([&](const ReasonEvent& event) { sink.on_code(event); });
  }

  DecoderStats stats() const override { return {clients_.remembered(), clients_.forgotten()}; }
  const Coverage& coverage() const override { return coverage_; }

 private:
  struct LinePattern {
    const Rule* rule;
    const Pattern* pattern;
    std::string_view why;
    bool has_why;
  };

  void add_line_rule(const Rule& rule) {
    for (std::size_t i = 0; i < rule.patterns.size(); ++i) {
      heads_.add(rule.patterns[i].head(), static_cast<std::uint16_t>(line_patterns_.size()));
      line_patterns_.push_back({&rule, &rule.patterns[i],
                                rule.whys.empty() ? std::string_view{} : rule.whys[i], !rule.whys.empty()});
    }
  }

  /// Nothing if the object is another rule's.
  std::optional<Decoded> decode_object(const Rule& rule, std::string_view object, EventSink& sink) {
    if (rule.ignored_whatever && rule.members.empty())
      return Decoded{Outcome::ignored, RecordError::none, rule.id};
    // What stands before the cut may be a whole object that a client's unescaped text closed: nothing in it
    // is true.
    if (cut_at_ != 0 && object.size() >= cut_at_)
      return Decoded{Outcome::malformed, RecordError::cut, rule.id};
    if (!members_.read(object, rule.members, captures_))
      return Decoded{Outcome::malformed, RecordError::invalid_json, rule.id};
    if (!holds_any(rule)) return {};
    return tell(rule, sink);
  }

  /// The rule of a message. Keeps the fields that were read of what stands before it.
  const Rule* find_line(std::string_view message) {
    const Rule* found = nullptr;
    const Captures begun = captures_;
    heads_.find(message, [&](std::uint16_t number) {
      const LinePattern& line = line_patterns_[number];
      if (begun.empty()) {
        captures_.clear();
      } else {
        captures_ = begun;
      }
      if (!line.pattern->match(message, captures_)) return false;
      if (line.has_why) captures_.set(Field::why, line.why);
      found = line.rule;
      return true;
    });
    return found;
  }

  /// How much of a line is the broker's prefix, and its fields; 0 if it has none of the profile's.
  std::size_t read_prefix(std::string_view line) {
    const Captures begun = captures_;
    for (const Pattern& prefix : profile_->prefixes) {
      captures_ = begun;
      if (const std::size_t length = prefix.match_begin(line, captures_); length > 0) return length;
    }
    captures_ = begun;
    return 0;
  }

  /// The message of a line, behind what its broker writes before each. Nothing if the profile says what that
  /// is and it is not there: the line goes on from the one before it, with whatever text.
  std::optional<std::string_view> message_of(std::string_view line) {
    if (!profile_->json.empty() && line.starts_with('{')) return line;
    if (profile_->prefixes.empty()) return line.substr(time_stamp_length(line));
    const std::size_t length = read_prefix(line);
    if (length == 0) return {};
    if (profile_->repeats_prefix) {
      if (line.substr(0, length) == last_prefix_) return {};
      last_prefix_ = line.substr(0, length);
    }
    return line.substr(length);
  }

  /// The message of a line that is a JSON object.
  std::optional<std::string_view> message_in(std::string_view object) {
    for (const auto& form : profile_->json) {
      if (!members_.read(object, form, captures_)) return {};
      if (!captures_.has(Field::message)) continue;
      const std::string_view message = captures_[Field::message];
      return message.substr(read_prefix(message));
    }
    return {};
  }

  Decoded decode_line(std::string_view line, EventSink& sink) {
    captures_.clear();
    // Without a prefix the broker's words first: in a log without time stamps a client's text may look like
    // one.
    const Rule* rule = profile_->prefixes.empty() ? find_line(line) : nullptr;
    if (rule == nullptr) {
      captures_.clear();
      auto message = message_of(line);
      if (message && !object_rules_.empty() && message->starts_with('{'))
        return decode_json_line(*message, sink);
      if (message && !profile_->json.empty() && message->starts_with('{')) message = message_in(*message);
      if (message) rule = find_line(*message);
    }
    if (rule != nullptr && rule->ignored_whatever) return {Outcome::ignored, RecordError::none, rule->id};
    if (cut_at_ != 0 && line.size() >= cut_at_) return {Outcome::malformed, RecordError::cut, {}};
    if (rule != nullptr) return tell(*rule, sink);
    if (!is_utf8(line)) return {Outcome::malformed, RecordError::invalid_utf8, {}};
    return {};
  }

  Decoded decode_json_line(std::string_view message, EventSink& sink) {
    for (const Rule* rule : object_rules_) {
      captures_.clear();
      if (const auto decoded = decode_object(*rule, message, sink)) return *decoded;
    }
    return {};
  }

  /// Whether the `event` conditions of any case of the rule hold: else the object is another rule's.
  bool holds_any(const Rule& rule) const {
    if (rule.cases.empty()) return true;
    return std::ranges::any_of(rule.cases, [&](const Case& c) {
      return listed(c.when.event, captures_.has(Field::event), captures_[Field::event]);
    });
  }

  Facts facts(const Rule& rule) {
    Facts facts;
    if (captures_.has(Field::client)) {
      facts.client = clients_.hash(captures_[Field::client]);
      if (const auto* known = clients_.find(facts.client)) {
        facts.protocol = known->protocol;
        facts.client_state = known->state;
      }
    }
    if (captures_.has(Field::peer)) facts.peer = clients_.hash(captures_[Field::peer]);
    if (captures_.has(Field::protocol)) {
      const auto known = std::ranges::find(profile_->protocols, captures_[Field::protocol],
                                           &std::pair<std::string, mqtt::Protocol>::first);
      facts.protocol = known == profile_->protocols.end() ? mqtt::Protocol::unknown : known->second;
    } else if (captures_.ambiguous(Field::protocol)) {
      facts.protocol = mqtt::Protocol::unknown;
    }
    if (rule.reads_code && captures_.has(Field::code))
      facts.code = read_code(rule.spelling, captures_[Field::code]);
    return facts;
  }

  bool holds(const When& when, const Facts& facts) const {
    if (!listed(when.why, captures_.has(Field::why), captures_[Field::why])) return false;
    if (!listed(when.event, captures_.has(Field::event), captures_[Field::event])) return false;
    if (when.protocols != 0 && (when.protocols & bit_of(facts.protocol)) == 0) return false;
    if (when.clients != 0 && (when.clients & bit_of(facts.client_state)) == 0) return false;
    if (when.from_version && (!version_ || *version_ < *when.from_version)) return false;
    return when.codes.empty() || (facts.code && std::ranges::any_of(when.codes, [&](const auto& range) {
                                    return range.first <= *facts.code && *facts.code <= range.second;
                                  }));
  }

  Decoded tell(const Rule& rule, EventSink& sink) {
    Facts known = facts(rule);
    if (captures_.has(Field::version)) version_ = read_version(captures_[Field::version]);
    if (rule.connects && known.client != 0) clients_.connect(known.client, known.protocol, known.peer);
    const Decoded decoded =
        captures_.has(Field::codes) ? tell_each(rule, known, sink) : tell_one(rule, known, sink);
    if (rule.ends && known.client != 0) clients_.end(known.client, known.peer);
    return decoded;
  }

  Decoded tell_each(const Rule& rule, Facts& known, EventSink& sink) {
    Decoded all{Outcome::ignored, RecordError::none, rule.id};
    if (!codes_.read(rule.spelling, rule.separator, captures_[Field::codes]))
      return {Outcome::malformed, RecordError::invalid_value, rule.id};
    for (const std::uint8_t code : codes_.codes()) {
      known.code = code;
      const Decoded one = tell_one(rule, known, sink);
      if (one.outcome != Outcome::ignored) all = one;
    }
    return all;
  }

  /// The first case whose conditions hold.
  Decoded tell_one(const Rule& rule, const Facts& known, EventSink& sink) {
    if (rule.cases.empty()) return {Outcome::ignored, RecordError::none, rule.id};
    const auto found = std::ranges::find_if(rule.cases, [&](const Case& c) { return holds(c.when, known); });
    if (found == rule.cases.end()) return {Outcome::malformed, RecordError::invalid_value, rule.id};
    return tell(rule, found->tell, known, sink);
  }

  Decoded tell(const Rule& rule, const Tell& what, const Facts& known, EventSink& sink) {
    const bool in_words = what.kind != Tell::Kind::code || what.code.has_value();
    const bool echo = rule.echo != kNoEcho && in_words && !rule.waits && echoes_.absorbed(rule.echo);
    if (echo || what.kind == Tell::Kind::nothing) return {Outcome::ignored, RecordError::none, rule.id};
    const mqtt::Protocol protocol = what.protocol.value_or(known.protocol);
    if (what.kind == Tell::Kind::close) {
      sink.on_close({protocol, what.close, what.initiator});
      return {Outcome::matched, RecordError::none, rule.id};
    }
    if (!what.code && !known.code) return {Outcome::malformed, RecordError::invalid_value, rule.id};
    ReasonEvent event{what.packet, what.direction, protocol, what.code.value_or(known.code.value_or(0)),
                      what.code ? Evidence::inferred : Evidence::code_in_record};
    if (!what.bytes.empty() && !what.code) {
      const auto byte =
          std::ranges::find(what.bytes, event.code, &std::pair<std::uint8_t, std::uint8_t>::first);
      if (byte == what.bytes.end()) {
        event.evidence = Evidence::inferred;
      } else {
        event.code = byte->second;
      }
    }
    if (what.evidence) event.evidence = *what.evidence;
    if (rule.echo != kNoEcho && rule.waits) {
      echoes_.wait(rule.echo, known.client, event, [&](const ReasonEvent& late) { sink.on_code(late); });
    } else {
      if (rule.echo != kNoEcho && !in_words) {
        const bool refuses = mqtt::classify(event.protocol, event.packet, event.code) == mqtt::Class::error;
        echoes_.code(rule.echo, known.client, refuses);
      }
      sink.on_code(event);
    }
    return {Outcome::matched, RecordError::none, rule.id};
  }

  std::shared_ptr<const Profile> profile_;
  std::size_t cut_at_;
  const Coverage& coverage_;
  HeadIndex heads_;
  std::vector<LinePattern> line_patterns_;
  std::vector<const Rule*> topic_rules_;
  std::vector<const Rule*> object_rules_;

  JsonMembers members_;
  Captures captures_;
  CodeList codes_;
  std::string last_prefix_;  // of the line before, if the profile repeats it
  ClientMemory clients_;
  EchoWindow echoes_;
  std::optional<Version> version_;
};

}  // namespace

std::unique_ptr<Decoder> make_decoder(std::shared_ptr<const Profile> profile, SourceKind kind,
                                      std::size_t clients) {
  return std::make_unique<ProfileDecoder>(std::move(profile), kind, clients);
}

}  // namespace mre
