// SPDX-License-Identifier: Apache-2.0
#include "exporter/profile/decode/suback_assembler.h"

#include <algorithm>

#include "exporter/event/event_bytes.h"
#include "exporter/profile/match/message_start.h"

namespace mre {

void SubackAssembler::HeldEvents::add(const ReasonEvent& event, std::uint32_t times) {
  times = std::min(times, kMaxFilters - filters_);
  const auto same = std::ranges::find(events_, event, &std::pair<ReasonEvent, std::uint32_t>::first);
  if (times == 0 || (same == events_.end() && events_.size() == kMaxDifferent)) return;
  if (same != events_.end()) {
    same->second += times;
  } else {
    events_.emplace_back(event, times);
  }
  filters_ += times;
}

void SubackAssembler::HeldEvents::clear() {
  events_.clear();
  filters_ = 0;
}

void SubackAssembler::HeldEvents::save(ByteWriter& out) const {
  out.number(events_.size());
  for (const auto& [event, times] : events_) {
    write_event(event, out);
    out.number(times);
  }
}

void SubackAssembler::HeldEvents::restore(ByteReader& in) {
  clear();
  const std::size_t different = in.number_up_to(kMaxDifferent);
  for (std::size_t i = 0; i < different && !in.failed(); ++i) {
    const ReasonEvent event = read_event(in);
    const auto times = static_cast<std::uint32_t>(in.number_up_to(kMaxFilters - filters_));
    add(event, times);
    if (events_.size() != i + 1) in.fail();  // a count of 0, or a duplicate event
  }
}

void SubackAssembler::HeldEvents::move_from(HeldEvents& other) {
  for (const auto& [event, times] : other.events_) add(event, times);
  other.clear();
}

void SubackAssembler::HeldEvents::emit(EventSink& sink) const {
  for (const auto& [event, times] : events_) {
    for (std::uint32_t i = 0; i < times; ++i) sink.on_code(event);
  }
}

SubackAssembler::SubackAssembler(const Profile& profile, SourceKind kind, RuleEvaluator& evaluator)
    : profile_(profile), source_(profile.source(kind)), evaluator_(evaluator) {
  for (const Rule& rule : profile.rules) {
    if (rule.subscribe == SubscribeLine::filter_denied) denied_ = &rule;
    if (rule.subscribe == SubscribeLine::unsubscribe_filter) unsubscribe_filter_ = &rule;
  }
}

const Rule* SubackAssembler::match_repetition(std::string_view line) {
  if (!line.ends_with(expected_)) return nullptr;
  const std::size_t before = line.size() - expected_.size();
  if (before != 0 && time_stamp_length(line) != before) return nullptr;
  expected_.clear();
  filter_repeated_ = filter_open_;
  repeats_ |= filter_open_;
  return expecting_;
}

Decoded SubackAssembler::read(const Rule& rule, std::string_view line, std::string_view message,
                              Captures& captures, EventSink& sink) {
  Decoded decoded{Outcome::ignored, RecordError::none, &rule.id};
  switch (rule.subscribe) {
    case SubscribeLine::subscribe_received:
      begin(Answering::subscribe, captures[Field::client]);
      break;
    case SubscribeLine::unsubscribe_received:
      begin(Answering::unsubscribe, captures[Field::client]);
      break;
    case SubscribeLine::filter:
    case SubscribeLine::filter_denied:
    case SubscribeLine::unsubscribe_filter:
      read_filter(rule, line, message, captures);
      break;
    case SubscribeLine::suback_sent:
      close_filter();
      if (answering_ == Answering::subscribe && captures[Field::client] == client_ && !held_.empty()) {
        if (!denied_filter_.empty()) captures.set(Field::topic, denied_filter_);
        held_.emit(sink);
        decoded.outcome = Outcome::matched;
      }
      begin(Answering::nothing, {});
      break;
    case SubscribeLine::unsuback_sent:
      begin(Answering::nothing, {});
      break;
    case SubscribeLine::log_types_change:
      repeats_ = false;
      begin(Answering::nothing, {});
      return evaluator_.evaluate(rule, captures, sink);
    case SubscribeLine::none:
      break;
  }
  return decoded;
}

void SubackAssembler::clear() {
  begin(Answering::nothing, {});
  filter_repeated_ = filter_cut_ = repeats_ = false;
}

void SubackAssembler::save(ByteWriter& out) const {
  out.number(static_cast<std::uint64_t>(answering_));
  out.text(client_);
  for (const bool flag : {filter_open_, filter_repeated_, filter_cut_, repeats_}) out.flag(flag);
  granted_.save(out);
  held_.save(out);
  out.text(expected_);
  if (!expected_.empty()) out.text(expecting_->id);
}

void SubackAssembler::restore(ByteReader& in) {
  answering_ = static_cast<Answering>(in.number_up_to(static_cast<std::uint64_t>(Answering::unsubscribe)));
  client_ = in.text();
  for (bool* flag : {&filter_open_, &filter_repeated_, &filter_cut_, &repeats_}) *flag = in.flag();
  granted_.restore(in);
  held_.restore(in);
  expected_ = in.text();
  if (expected_.empty()) return;
  const auto rule = std::ranges::find(profile_.rules, in.text(), &Rule::id);
  if (rule == profile_.rules.end()) return in.fail();
  expecting_ = &*rule;
}

void SubackAssembler::begin(Answering what, std::string_view client) {
  answering_ = what;
  client_ = client;
  filter_.clear();
  denied_filter_.clear();
  filter_open_ = false;
  granted_.clear();
  held_.clear();
  expected_.clear();
}

/// The preceding line says which packet the filter belongs to. Its own end does not: a client chose it.
void SubackAssembler::read_filter(const Rule& rule, std::string_view line, std::string_view message,
                                  Captures& captures) {
  if (answering_ == Answering::unsubscribe) open_unsubscribe_filter(message);
  if (answering_ == Answering::subscribe && rule.subscribe != SubscribeLine::unsubscribe_filter)
    open_filter(rule, line, message, captures);
}

void SubackAssembler::open_filter(const Rule& rule, std::string_view line, std::string_view message,
                                  Captures& captures) {
  close_filter();
  filter_ = captures.text_or_empty(Field::filter);
  captures.set(Field::client, client_);
  if (rule.subscribe == SubscribeLine::filter_denied) {
    denied_filter_ = filter_;
    evaluator_.saw_version(rule.since);
    evaluator_.evaluate(rule, captures, held_);
    return;
  }
  evaluator_.evaluate(rule, captures, granted_);
  expect(rule, captures);
  filter_open_ = true;
  filter_repeated_ = false;
  const std::size_t before = line.size() - message.size();
  filter_cut_ = source_.may_have_cut(before + expected_.size(), expected_.size(),
                                     evaluator_.broker_is(source_.cut_message_until));
}

void SubackAssembler::open_unsubscribe_filter(std::string_view message) {
  Captures captures;
  if (unsubscribe_filter_ == nullptr || !unsubscribe_filter_->patterns.front().match(message, captures))
    return;
  captures.set(Field::client, client_);
  expect(*unsubscribe_filter_, captures);
}

/// The open filter is complete: adds its events if they are certain.
void SubackAssembler::close_filter() {
  expected_.clear();
  if (!filter_open_) return;
  filter_open_ = false;
  if (filter_repeated_ || denied_ == nullptr || evaluator_.broker_is(denied_->since))
    return held_.move_from(granted_);
  HeldEvents denied;
  Captures captures;
  captures.set(Field::client, client_);
  evaluator_.evaluate(*denied_, captures, denied);
  if (denied.empty()) return held_.move_from(granted_);  // a denial has the same code
  granted_.clear();
  if (!repeats_ || filter_cut_) return;
  held_.move_from(denied);
  denied_filter_ = filter_;
}

void SubackAssembler::expect(const Rule& rule, const Captures& captures) {
  expected_.clear();
  expecting_ = &rule;
  for (const RepeatedPart& part : rule.repeated_as) {
    expected_ += part.words;
    if (part.field) expected_ += captures[*part.field];
  }
}

}  // namespace mre
