// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "exporter/base/text.h"
#include "exporter/event/record_time.h"
#include "exporter/mqtt/topic_filter.h"
#include "exporter/profile/decode/observed_levels.h"
#include "exporter/profile/decode/rule_evaluator.h"
#include "exporter/profile/decode/suback_assembler.h"
#include "exporter/profile/decode/subject_reader.h"
#include "exporter/profile/match/line_finder.h"
#include "exporter/profile/profile.h"

// The decoder of a profile. For a line, LineFinder finds the rule and the fields. For a message, the topic
// selects the rules, and the fields are members of its JSON object. RuleEvaluator does the rest for both.
namespace mre {
namespace {

/// Saved state begins with this. Increase the number when its format changes.
constexpr std::string_view kSaved = "decoder 3";

class ProfileDecoder final : public Decoder {
 public:
  ProfileDecoder(std::shared_ptr<const Profile> profile, SourceKind kind, std::size_t clients)
      : profile_(std::move(profile)),
        kind_(kind),
        source_(profile_->source(kind)),
        coverage_(profile_->coverage(kind)),
        shortest_cut_(source_.shortest_cut()),
        lines_(*profile_, kind),
        evaluator_(
            *profile_, clients,
            [this](const Rule& rule, const Captures& captures) { return read_subject(rule, captures); }),
        subscriptions_(*profile_, kind, evaluator_),
        levels_(kind == SourceKind::log) {
    for (const Rule& rule : profile_->rules) {
      if ((rule.sources & bit_of(kind)) == 0) continue;
      // A subscriber connects after the broker has started, so only a log shows the start.
      if (rule.restarts && kind == SourceKind::log) shows_starts_ = true;
      if (rule.reads == Rule::Reads::topic) topic_rules_.push_back(&rule);
      if (rule.reads == Rule::Reads::object) object_rules_.push_back(&rule);
    }
  }

  Decoded decode(const Record& record, EventSink& sink) override {
    evaluator_.next_record(sink);
    return record.topic.empty() ? decode_line(record.payload, sink) : decode_message(record, sink);
  }

  DecodedLines decode_lines(const LineBlock& lines, EventSink& sink) override {
    DecodedLines read;
    const char* const end = lines.text.data() + lines.text.size();
    const char* at = lines.text.data();
    while (at != end) {
      const Start start = read_common(at, lines, read, sink);
      at = start.at;
      if (at == end) break;
      const std::string_view line = lines.line_from(at);
      if (lines.is_special(line)) break;
      at += line.size() + 1;
      evaluator_.next_record(sink);
      const Decoded decoded =
          start.time_stamp > 0
              ? decode_found(lines_.find_message(line.substr(start.time_stamp), start.first_words, captures_),
                             line, sink)
              : decode_line(line, sink);
      if (!read.add(decoded, line)) break;
    }
    read.bytes = static_cast<std::size_t>(at - lines.text.data());
    return read;
  }

  bool recognises(std::string_view line) override {
    using enum LineFinder::Found::Kind;
    const LineFinder::Found found = lines_.peek(line, captures_);
    // A prefix may match the beginning of an object that contains a line of the broker.
    if (line.starts_with('{') && profile_->json.empty() && found.kind != object && found.kind != fields &&
        found.message.data() != line.data())
      return false;
    if (found.rule != nullptr || found.kind == fields || found.kind == ambiguous) return true;
    if (found.kind != object)
      return found.kind != no_prefix && !profile_->prefixes.empty() && !line.starts_with('{');
    lines_.members().scan(found.message);
    return std::ranges::any_of(object_rules_, [&](const Rule* rule) {
      captures_.clear();
      return !rule->members.empty() && lines_.members().read(rule->members, captures_) &&
             is_event_of(*rule, captures_);
    });
  }

  Subject subject() const override {
    if (evaluator_.is_late()) return evaluator_.late_subject();
    if (rule_ == nullptr) return {};
    Subject subject = read_subject(*rule_, captures_);
    subject.time_us = certain_time_of(head_, now_micros()).value_or(0);
    return subject;
  }

  void settle(EventSink& sink) override { evaluator_.settle(sink); }

  void save(ByteWriter& out) const override {
    out.text(kSaved);
    out.text(profile_->name);
    out.word(profile_->fingerprint);
    out.number(static_cast<std::uint64_t>(kind_));
    evaluator_.save(out);
    subscriptions_.save(out);
    lines_.save(out);
    levels_.save(out);
  }

  bool restore(ByteReader& in) override {
    if (in.text() != kSaved || in.text() != profile_->name || in.word() != profile_->fingerprint ||
        in.number() != static_cast<std::uint64_t>(kind_))
      in.fail();
    evaluator_.restore(in);
    subscriptions_.restore(in);
    lines_.restore(in);
    levels_.restore(in);
    if (in.failed()) {
      evaluator_.clear();
      subscriptions_.clear();
      lines_.clear();
      levels_.clear();
    }
    return !in.failed();
  }

  DecoderStats stats() const override {
    DecoderStats stats = evaluator_.stats();
    if (shows_starts_) stats.broker_starts = evaluator_.broker_starts();
    return stats;
  }
  const Coverage& coverage() const override { return coverage_; }

  Visibility visibility() const override {
    if (shows_.empty()) shows_ = visibility_of(*profile_, kind_);
    Visibility seen;
    const std::string* first_missing = nullptr;
    for (std::size_t i = 0; i < shows_.size(); ++i) {
      if (levels_.is_observed(i)) {
        seen.add(shows_[i]);
        if (!source_.levels.empty()) seen.level = source_.levels[i].name;
      } else if (first_missing == nullptr && i < source_.levels.size()) {
        first_missing = &source_.levels[i].setting;
      }
    }
    if (seen == Visibility()) return seen;  // nothing is known yet
    constexpr auto suback = static_cast<std::size_t>(mqtt::Packet::suback);
    constexpr auto sent = static_cast<std::size_t>(mqtt::Direction::sent);
    if (seen.codes[suback][sent] && subscriptions_.hides_suback()) {
      seen.codes[suback][sent] = false;
      if (first_missing == nullptr)
        first_missing = source_.levels.empty() ? &source_.setting : &source_.levels.back().setting;
    }
    if (first_missing != nullptr) seen.to_set = *first_missing;
    return seen;
  }

 private:
  /// The beginning of a line that the fast loop leaves to the careful one.
  struct Start {
    const char* at;
    std::size_t time_stamp = 0;  // its length; see LineFinder::time_stamp_of
    const PrefixIndex::Prefix* first_words = nullptr;
  };

  /// The fast loop: reads the lines from `at` on whose first words say that they are ignored, or that only the
  /// client and the code matter: most lines of a debug log. It ends at a line that needs the careful loop, and
  /// reads nothing while an answer may be repeated, and no code while an event waits for a later line.
  Start read_common(const char* at, const LineBlock& lines, DecodedLines& read, EventSink& sink) {
    if (!lines_.reads_after_time_stamp() || subscriptions_.expects_repetition()) return {at};
    const char* const end = lines.text.data() + lines.text.size();
    const std::size_t max_bytes = lines.max_line_bytes;
    const bool is_quiet = !evaluator_.has_waiting();
    std::uint32_t ignored = 0;
    const PrefixIndex::Prefix* words = nullptr;
    std::size_t time_stamp = 0;
    while ((time_stamp = lines_.time_stamp_of({at, end})) > 0) {
      const std::string_view text(at + time_stamp, static_cast<std::size_t>(end - at) - time_stamp);
      words = lines_.first_words(text);
      if (words == nullptr) break;
      const LineFinder::LinePattern& pattern = lines_.first_pattern(*words);
      if (!pattern.is_ignored && !(pattern.is_code && is_quiet)) break;
      const char* const rest = text.data() + pattern.prefix_bytes;
      const char* const newline = lines.end_of_line(rest);
      const auto bytes = static_cast<std::size_t>(newline - at);
      if (bytes > max_bytes) break;
      if (pattern.is_ignored) {
        if (pattern.is_whole && newline != rest) break;
        if (!is_quiet) evaluator_.next_record(sink);
        ++ignored;
      } else {
        if (bytes >= shortest_cut_) break;
        const Outcome outcome = read_code(pattern, {rest, newline}, sink);
        if (outcome == Outcome::malformed) break;
        evaluator_.skip_records(1);
        ++(outcome == Outcome::matched ? read.matched : read.ignored);
      }
      levels_.observe(pattern.level);
      at = newline + 1;
    }
    if (is_quiet) evaluator_.skip_records(ignored);
    read.ignored += ignored;
    return {at, time_stamp, words};
  }

  /// Reads a line of a rule that is Rule::code_only. `malformed`, and nothing has changed: it needs the careful loop.
  Outcome read_code(const LineFinder::LinePattern& pattern, std::string_view rest, EventSink& sink) {
    captures_.clear();
    if (rest.ends_with('\r') || !pattern.pattern->match_after_prefix(rest, captures_))
      return Outcome::malformed;
    subscriptions_.interrupt();
    rule_ = pattern.rule;
    return evaluator_.evaluate_code(*pattern.rule, captures_, sink).outcome;
  }

  /// Reads the members of the subject too, which the decoding of a record leaves out: most records have no event
  /// whose subject is asked for.
  Subject read_subject(const Rule& rule, const Captures& captures) const {
    Captures fields = captures;
    const LineFinder::Around& around = lines_.around();
    if (!rule.subject_members.empty()) {
      add_subject({&rule.subject_members, object_is_fields_}, fields);
    } else if (rule.reads == Rule::Reads::line && around.subject != nullptr && !around.subject->empty()) {
      add_subject(around, fields);
    }
    return subject_of(*profile_, rule, fields);
  }

  /// Adds the members of the object. If a client's text may have added keys, none is added.
  void add_subject(const LineFinder::Around& around, Captures& fields) const {
    Captures members;
    if (!around.is_fields) {
      if (lines_.members().read(*around.subject, members)) fields.add(members);
    } else if (!fields.ambiguous(Field::client)) {
      lines_.fields().read(*around.subject, members);
      fields.add(members);
    }
  }

  [[gnu::noinline]] Decoded decode_message(const Record& record, EventSink& sink) {
    auto unknown = RecordError::no_topic;
    is_scanned_ = false;
    head_ = record.payload.starts_with('{') ? record.payload : std::string_view();
    for (const Rule* rule : topic_rules_) {
      captures_.clear();
      if (!rule->patterns.front().match(record.topic, captures_)) continue;
      const Decoded decoded = decode_object(*rule, record.payload, false, sink);
      if (decoded.outcome != Outcome::unrecognised) return decoded;
      unknown = RecordError::no_rule;
    }
    // Clients may publish to other topics; their messages are not lines of the broker.
    const auto is_log = [&](const std::string& filter) { return mqtt::matches(filter, record.topic); };
    if (!std::ranges::any_of(profile_->mqtt.topics, is_log)) return {Outcome::unrecognised, unknown, {}};
    Decoded decoded = decode_line(record.payload, sink);
    if (decoded.outcome == Outcome::unrecognised && !topic_rules_.empty()) decoded.error = unknown;
    return decoded;
  }

  Decoded ignored(const Rule& rule) {
    levels_.observe(rule.level[static_cast<std::size_t>(kind_)]);
    return {Outcome::ignored, RecordError::none, &rule.id};
  }

  /// Returns `decoded` after noting the level of the record, unless it was malformed. A broker that starts or
  /// reads its configuration may write at another level from here on.
  Decoded understood(const Rule& rule, const Decoded& decoded) {
    if (rule.subscribe == SubscribeLine::log_types_change || captures_.has(Field::version)) levels_.clear();
    if (decoded.outcome != Outcome::malformed) levels_.observe(rule.level[static_cast<std::size_t>(kind_)]);
    return decoded;
  }

  bool cut(std::string_view record, std::string_view message) const {
    return record.size() >= shortest_cut_ &&
           source_.may_have_cut(record.size(), message.size(),
                                evaluator_.broker_is(source_.cut_message_until));
  }

  /// Unrecognised if the object belongs to another rule. `is_fields`: the object is the line of fields found last;
  /// otherwise it is JSON.
  Decoded decode_object(const Rule& rule, std::string_view object, bool is_fields, EventSink& sink) {
    if (rule.always_ignored && rule.members.empty()) return ignored(rule);
    // The part in front of the cut may be a complete object that a client's unescaped text closed: nothing in
    // it can be trusted.
    if (cut(object, {})) return {Outcome::malformed, RecordError::cut, &rule.id};
    if (is_fields) {
      if (!lines_.fields().read(rule.members, captures_))
        return {Outcome::malformed, RecordError::ambiguous, &rule.id};
    } else if (!rule.members.empty() || !rule.subject_members.empty()) {
      if (!std::exchange(is_scanned_, true)) lines_.members().scan(object);
      if (!rule.members.empty() && !lines_.members().read(rule.members, captures_))
        return {Outcome::malformed, RecordError::invalid_json, &rule.id};
    }
    if (!is_event_of(rule, captures_)) return {};
    if (rule.payload) captures_.set(*rule.payload, object);
    rule_ = &rule;
    object_is_fields_ = is_fields;
    return understood(rule, evaluator_.evaluate(rule, captures_, sink));
  }

  Decoded decode_line(std::string_view line, EventSink& sink) {
    if (const Rule* rule = subscriptions_.repeated_by(line)) return ignored(*rule);
    return decode_found(lines_.find(line, captures_), line, sink);
  }

  Decoded decode_found(const LineFinder::Found& found, std::string_view line, EventSink& sink) {
    if (found.rule != nullptr && found.rule->always_ignored) return ignored(*found.rule);
    head_ = head_of(line, found.message);
    if (found.rule != nullptr && found.rule->code_only && line.size() < shortest_cut_)
      return decode_code(*found.rule, sink);
    return decode_any(found, line, sink);
  }

  /// What is in front of the message; all of a JSON object.
  static std::string_view head_of(std::string_view line, std::string_view message) {
    if (line.starts_with('{')) return line;
    const bool is_part = std::greater_equal<>()(message.data(), line.data()) &&
                         std::less_equal<>()(message.data(), line.data() + line.size());
    return is_part ? line.substr(0, static_cast<std::size_t>(message.data() - line.data()))
                   : std::string_view();
  }

  Decoded decode_code(const Rule& rule, EventSink& sink) {
    subscriptions_.interrupt();
    rule_ = &rule;
    const Decoded decoded = evaluator_.evaluate_code(rule, captures_, sink);
    if (decoded.outcome != Outcome::malformed) levels_.observe(rule.level[static_cast<std::size_t>(kind_)]);
    return decoded;
  }

  /// Not inlined, because most lines of a debug log are ignored.
  [[gnu::noinline]] Decoded decode_any(const LineFinder::Found& found, std::string_view line,
                                       EventSink& sink) {
    using enum LineFinder::Found::Kind;
    const Rule* const rule = found.rule;
    if (found.kind == ambiguous) return {Outcome::malformed, RecordError::ambiguous, {}};
    if (found.kind == object || found.kind == fields)
      return decode_object_line(found.message, found.kind == fields, sink);
    if (cut(line, found.message)) return {Outcome::malformed, RecordError::cut, {}};
    rule_ = rule;
    if (rule != nullptr && rule->subscribe != SubscribeLine::none)
      return understood(*rule, subscriptions_.read(*rule, line, found.message, captures_, sink));
    if (rule != nullptr) {
      subscriptions_.interrupt();
      return understood(*rule, evaluator_.evaluate(*rule, captures_, sink));
    }
    if (!is_utf8(line)) return {Outcome::malformed, RecordError::invalid_utf8, {}};
    return {
        Outcome::unrecognised, found.kind == no_prefix ? RecordError::no_prefix : RecordError::no_rule, {}};
  }

  Decoded decode_object_line(std::string_view object, bool is_fields, EventSink& sink) {
    is_scanned_ = false;
    for (const Rule* rule : object_rules_) {
      captures_.clear();
      const Decoded decoded = decode_object(*rule, object, is_fields, sink);
      if (decoded.outcome != Outcome::unrecognised) return decoded;
    }
    return {};
  }

  const std::shared_ptr<const Profile> profile_;
  const SourceKind kind_;
  const ProfileSource& source_;
  const Coverage& coverage_;
  const std::size_t shortest_cut_;  // a shorter line is whole
  LineFinder lines_;
  RuleEvaluator evaluator_;
  SubackAssembler subscriptions_;
  ObservedLevels levels_;
  mutable std::vector<Visibility> shows_;  // visibility_of; empty until it is needed
  bool shows_starts_ = false;              // the log shows starts of the broker
  std::vector<const Rule*> topic_rules_;
  std::vector<const Rule*> object_rules_;
  bool is_scanned_ = false;  // LineFinder::members are those of the current object
  std::string_view head_;    // of the record: see certain_time_of
  bool object_is_fields_ = false;
  Captures captures_;
  const Rule* rule_ = nullptr;  // of the captures
};

}  // namespace

std::unique_ptr<Decoder> make_decoder(std::shared_ptr<const Profile> profile, SourceKind kind,
                                      std::size_t clients) {
  return std::make_unique<ProfileDecoder>(std::move(profile), kind, clients);
}

}  // namespace mre
