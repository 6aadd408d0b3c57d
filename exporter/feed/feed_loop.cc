// SPDX-License-Identifier: Apache-2.0
#include "exporter/feed/feed_loop.h"

#include <bit>
#include <chrono>
#include <iterator>
#include <utility>

#include "exporter/base/enum_index.h"
#include "exporter/base/unix_time.h"
#include "exporter/event/source_kind.h"
#include "exporter/metrics/source_counters.h"

namespace mre {
namespace {

constexpr Deadline kPast{};  // an input reads only what is available

}  // namespace

FeedLoop::FeedLoop(FeedOptions options, Input& input, InputSink* observer)
    : input_(input),
      observer_(observer),
      choose_(std::move(options.choose)),
      capture_(std::move(options.capture)),
      history_(std::move(options.history)),
      max_series_(options.max_series),
      counters_(input.coverage(), max_series_),
      shadow_(input.coverage(), max_series_) {
  sample_.broker = std::move(options.broker);
  sample_.source = std::move(options.source);
  sample_.profile = std::move(options.profile);
  sample_.kind = options.kind;
  sample_.authority = options.authority;
  sample_.coverage = input.coverage();
  sample_.since_timestamp_seconds = unix_seconds();
  refresh();
}

Result<bool> FeedLoop::step(Deadline deadline) {
  auto read = input_.poll(deadline, *this);
  if (!read) sample_.ended = read.error().code == Errc::end_of_stream;
  return read;
}

void FeedLoop::begin_record(const Record& record) {
  if (choose_) choice_ = choose_(record);
}

void FeedLoop::on_record(const Record& record, const Decoded& read) {
  const bool left_out = !choice_.is_counted && !record.retained;
  const Decoded decoded = left_out ? Decoded{Outcome::ignored, RecordError::none, {}} : read;
  if (left_out) ++records_left_out_;
  ++records_;
  const std::uint64_t streak_before = unread_streak_;
  count_outcome(decoded);
  if (record.retained) unread_streak_ = streak_before;
  if (observer_ != nullptr) observer_->on_record(record, decoded);
}

void FeedLoop::count_outcome(const Decoded& decoded) {
  ++outcomes_[index_of(decoded.outcome)];
  ++errors_[index_of(decoded.error)];
  unread_streak_ = decoded.is_recognised() ? 0 : unread_streak_ + 1;
}

void FeedLoop::on_lines(const DecodedLines& lines) {
  const std::uint64_t recognised = lines.matched + lines.ignored;
  records_ += lines.lines();
  outcomes_[index_of(Outcome::matched)] += lines.matched;
  outcomes_[index_of(Outcome::ignored)] += lines.ignored;
  errors_[index_of(RecordError::none)] += recognised;
  if (recognised > 0) unread_streak_ = 0;
  if (lines.not_recognised) count_outcome(*lines.not_recognised);
  if (observer_ != nullptr) observer_->on_lines(lines);
}

void FeedLoop::settle() { input_.settle(*this); }

[[gnu::always_inline]] inline void FeedLoop::count_event(const auto& event) {
  ++events_;
  const bool usual = capture_ == nullptr || capture_->visible.load(std::memory_order_relaxed);
  const Authority& authority = usual ? sample_.authority.normal : sample_.authority.without_capture;
  if (!authority.counts(event)) return shadow_.add(event);
  counters_.add(event);
  if (is_remarkable(event) && wants_clients()) remember(event);
}

/// Not inlined, because most events are of class success.
[[gnu::noinline]] void FeedLoop::remember(const auto& counted) {
  const AnyEvent event = counted;
  Subject subject = input_.subject();
  if (choice_.time_us != 0) subject.time_us = choice_.time_us;
  const double now = unix_seconds();
  const OwnedSubject shown = history_->add(sample_.source, event, subject, now);
  const auto* code = std::get_if<ReasonEvent>(&event);
  if (code == nullptr || !history_->shows_exemplars()) return;
  auto exemplar = std::make_shared<Exemplar>();
  if (!shown.client.empty()) exemplar->labels.emplace_back("client_id", shown.client);
  if (!shown.peer.empty()) exemplar->labels.emplace_back("peer", shown.peer);
  if (exemplar->labels.empty()) return;
  exemplar->timestamp_seconds = now;
  counters_.set_exemplar(*code, std::move(exemplar));
}

void FeedLoop::on_client(const Subject& subject) {
  if (choice_.is_counted && wants_clients()) history_->introduce(subject);
}

void FeedLoop::on_code(const ReasonEvent& event) {
  if (!choice_.is_counted) return;
  count_event(event);
  if (observer_ != nullptr) observer_->on_code(event);
}

void FeedLoop::on_close(const CloseEvent& event) {
  if (!choice_.is_counted) return;
  count_event(event);
  if (observer_ != nullptr) observer_->on_close(event);
}

void FeedLoop::on_denial(const DenialEvent& event) {
  if (!choice_.is_counted) return;
  count_event(event);
  if (observer_ != nullptr) observer_->on_denial(event);
}

void FeedLoop::refresh() {
  if (std::exchange(refreshed_records_, records_) != records_)
    sample_.last_record_timestamp_seconds = unix_seconds();
  // An event that waited for a later record gets the time of the last record.
  if (std::exchange(refreshed_events_, events_) != events_)
    sample_.last_event_timestamp_seconds = sample_.last_record_timestamp_seconds;
  sample_.status = input_.status();
  if (capture_ != nullptr && sample_.kind == SourceKind::capture)
    capture_->visible = sample_.status.up && !sample_.status.unreadable;
  for (const SourceCounter& row : kSourceCounters) sample_.status.*row.member += earlier_.*row.member;
  sample_.visibility = input_.visibility();
  sample_.decoder = input_.stats();
  sample_.decoder.clients_forgotten += clients_forgotten_earlier_;
  if (sample_.decoder.broker_starts) *sample_.decoder.broker_starts += broker_starts_earlier_;
  sample_.counts = counters_.counts();
  sample_.shadow = shadow_.counts();
  // The source skips lines that are too long or not recorded messages. They count as malformed records.
  sample_.records = outcomes_;
  sample_.records[index_of(Outcome::malformed)] +=
      sample_.status.records_oversized + sample_.status.records_malformed;
  sample_.unread_streak = unread_streak_;
  sample_.record_errors = errors_;
  sample_.record_errors[index_of(RecordError::none)] = 0;
  sample_.record_errors[index_of(RecordError::oversized)] += sample_.status.records_oversized;
  sample_.record_errors[index_of(RecordError::invalid_json)] += sample_.status.records_malformed;
}

std::uint64_t FeedLoop::revision() const {
  std::uint64_t sum = records_ + events_ + sample_.decoder.clients_forgotten;
  for (const SourceCounter& row : kSourceCounters) sum += sample_.status.*row.member;
  return sum;
}

/// Each list starts with its length, so that a later version with longer lists can read it. Later versions append new
/// members at the end.
void FeedLoop::save(ByteWriter& out, bool source_reused) const {
  out.number(records_);
  out.number(events_);
  out.word(std::bit_cast<std::uint64_t>(sample_.last_record_timestamp_seconds));
  out.word(std::bit_cast<std::uint64_t>(sample_.last_event_timestamp_seconds));
  out.number(sample_.decoder.clients_forgotten);
  out.number(outcomes_.size());
  for (const std::uint64_t count : outcomes_) out.number(count);
  out.number(errors_.size());
  for (const std::uint64_t count : errors_) out.number(count);
  out.number(std::size(kSourceCounters));
  const SourceStatus& status = source_reused ? earlier_ : sample_.status;
  for (const SourceCounter& row : kSourceCounters) out.number(status.*row.member);
  counters_.save(out);
  shadow_.save(out);
  counters_.save_denials(out);
  out.word(std::bit_cast<std::uint64_t>(sample_.since_timestamp_seconds));
  out.number(sample_.decoder.broker_starts.value_or(broker_starts_earlier_));
}

bool FeedLoop::restore(std::string_view bytes) {
  ByteReader in(bytes);
  const std::uint64_t records = in.number();
  const std::uint64_t events = in.number();
  const auto last_record = std::bit_cast<double>(in.word());
  const auto last_event = std::bit_cast<double>(in.word());
  const std::uint64_t forgotten = in.number();
  auto outcomes = outcomes_;
  for (std::uint64_t i = 0, size = in.number_up_to(outcomes.size()); i < size; ++i) outcomes[i] = in.number();
  auto errors = errors_;
  for (std::uint64_t i = 0, size = in.number_up_to(errors.size()); i < size; ++i) errors[i] = in.number();
  SourceStatus status;
  for (std::uint64_t i = 0, size = in.number_up_to(std::size(kSourceCounters)); i < size; ++i)
    status.*kSourceCounters[i].member = in.number();
  ReasonCounters counters(sample_.coverage, max_series_);
  ReasonCounters shadow(sample_.coverage, max_series_);
  if (!counters.restore(in) || !shadow.restore(in)) return false;
  double since = 0;
  std::uint64_t broker_starts = 0;
  if (!in.finished()) {
    counters.restore_denials(in);
    since = std::bit_cast<double>(in.word());
  }
  if (!in.finished()) broker_starts = in.number();
  if (!in.finished()) return false;

  records_ = refreshed_records_ = records;
  events_ = refreshed_events_ = events;
  sample_.last_record_timestamp_seconds = last_record;
  sample_.last_event_timestamp_seconds = last_event;
  sample_.since_timestamp_seconds = since;
  clients_forgotten_earlier_ = forgotten;
  broker_starts_earlier_ = broker_starts;
  outcomes_ = outcomes;
  errors_ = errors;
  earlier_ = std::move(status);
  counters_ = std::move(counters);
  shadow_ = std::move(shadow);
  refresh();
  return true;
}

Result<bool> FeedLoop::poll_batch() {
  constexpr std::uint64_t batch = 4096;
  constexpr std::uint64_t records_per_clock_check = 64;
  constexpr auto patience = std::chrono::milliseconds(20);
  const Deadline end = std::chrono::steady_clock::now() + patience;
  for (std::uint64_t i = 1; i <= batch; ++i) {
    const std::uint64_t before = records_;
    const auto read = step(kPast);
    if (!read) return tl::make_unexpected(read.error());
    if (!*read) return input_.status().unread;
    const bool many = records_ - before > 1;
    if ((many || i % records_per_clock_check == 0) && std::chrono::steady_clock::now() >= end) break;
  }
  return true;
}

Result<void> FeedLoop::drain(const std::function<void()>& report) {
  constexpr auto patience = std::chrono::seconds(1);  // of one call of `poll`
  for (;;) {
    auto took = poll_batch();
    refresh();
    report();
    if (took && !*took) took = step(std::chrono::steady_clock::now() + patience);
    if (took) continue;
    settle();
    refresh();
    report();
    if (took.error().code == Errc::end_of_stream) return {};
    return tl::make_unexpected(took.error());
  }
}

}  // namespace mre
