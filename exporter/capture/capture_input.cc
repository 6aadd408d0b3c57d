// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/capture_input.h"

#include <chrono>
#include <string>
#include <utility>

#include "exporter/base/join.h"
#include "exporter/capture/connection/connection_tracker.h"

namespace mre {
namespace {

class CaptureInput final : public Input, private EventSink {
 public:
  CaptureInput(const CaptureOptions& options, std::unique_ptr<FrameInput> frames)
      : frames_(std::move(frames)), tracker_(options, status_, frames_->local_addresses()) {
    frames_->report(status_);
  }

  Result<bool> poll(Deadline deadline, InputSink& sink) override {
    constexpr unsigned kFramesPerCheck = 256;  // of the clock and for an interrupt
    sink_ = &sink;
    for (unsigned frames = 1;; ++frames) {
      if (frames % kFramesPerCheck == 0 &&
          (frames_->interrupted() || std::chrono::steady_clock::now() >= deadline))
        return false;
      const auto frame = frames_->next(deadline);
      if (!frame && frame.error().code == Errc::end_of_stream && !std::exchange(finished_, true)) {
        tracker_.finish(*this);
        if (end_record()) return true;
      }
      if (!frame) return tl::make_unexpected(frame.error());
      if (!*frame) return on_idle();
      frame_us_ = (*frame)->time_us;
      frame_bytes_ = (*frame)->bytes.size();
      if (sink.wants_records()) sink.begin_record({.payload = {}, .topic = {}, .time_us = frame_us_});
      tracker_.process(**frame, *this);
      if (end_record()) return true;
    }
  }

  Subject subject() override {
    client_ = tracker_.client();
    return {.peer = client_, .time_us = frame_us_};
  }

  void interrupt() override { frames_->interrupt(); }
  bool save_position(ByteWriter&) override { return true; }
  void save_state(ByteWriter& out) const override { out.flag(seen_); }
  bool restore_state(ByteReader& in) override {
    seen_ = !in.finished() && in.flag();  // earlier versions wrote nothing
    return !in.failed();
  }

  const Coverage& coverage() const override { return capture_coverage(); }
  /// One event proves that the broker's packets pass here unencrypted, so all of them are visible.
  Visibility visibility() const override { return seen_ ? all_of(coverage()) : Visibility(); }

  const SourceStatus& status() override {
    frames_->report(status_);
    note_tls();
    note_unfollowed();
    return status_;
  }

 private:
  void note_tls() {
    if (std::exchange(tls_connections_, status_.connections_tls) != status_.connections_tls) {
      const auto port_text = [](std::uint16_t port) { return std::to_string(port); };
      tls_note_ = "; TLS on port " + join(tracker_.tls_ports(), ", ", port_text) +
                  " cannot be read: capture after the proxy that terminates TLS, or count these clients by "
                  "the log or events";
    }
    if (status_.up) status_.state += tls_note_;
  }

  /// Warns about connections that are not counted, or are counted by mistake.
  void note_unfollowed() {
    if (!status_.up) return;
    if (LocalAddresses* local = frames_->local_addresses(); local != nullptr && !local->known())
      status_.state +=
          "; the system does not list the addresses of this machine, so connections to any address are "
          "counted: list the broker's addresses in \"addresses\"";
    if (!tracker_.unfollowed()) return;
    status_.state +=
        "; connections to " + to_string(*tracker_.unfollowed()) +
        " are not followed, because this machine does not have that address: if it is the broker's, list it "
        "in \"addresses\"";
  }

  /// Emits the events whose wait is over although no frames arrive.
  bool on_idle() {
    using namespace std::chrono;
    constexpr microseconds kDelay = seconds(1);  // the kernel may still hold frames of the last second
    const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch());
    tracker_.advance_time((now - kDelay).count(), *this);
    return end_record();
  }

  /// Reports the frame as a record if it had events. Returns whether it had.
  bool end_record() {
    const std::uint64_t bytes = std::exchange(frame_bytes_, 0);
    if (!std::exchange(has_events_, false)) return false;
    seen_ = true;
    status_.record_bytes += bytes;
    sink_->on_record({.payload = {}, .topic = peers_, .time_us = frame_us_},
                     {Outcome::matched, RecordError::none, {}});
    return true;
  }

  void on_code(const ReasonEvent& event) override {
    add_event();
    sink_->on_code(event);
  }
  void on_close(const CloseEvent& event) override {
    add_event();
    sink_->on_close(event);
  }
  void on_denial(const DenialEvent&) override {}  // packets show none
  void on_client(const Subject& subject) override { sink_->on_client(subject); }
  bool wants_clients() const override { return sink_->wants_clients(); }

  void add_event() {
    has_events_ = true;
    if (sink_->wants_records()) peers_ = tracker_.peers();
  }

  SourceStatus status_;
  const std::unique_ptr<FrameInput> frames_;
  ConnectionTracker tracker_;
  InputSink* sink_ = nullptr;          // during `poll`
  bool has_events_ = false;            // the current frame
  bool seen_ = false;                  // an event, at any time
  std::string client_;                 // of the event whose subject was asked for last
  std::string peers_;                  // of the last event, if the sink wants records
  std::int64_t frame_us_ = 0;          // of the last frame, since 1970
  std::uint64_t frame_bytes_ = 0;      // of the current frame
  std::uint64_t tls_connections_ = 0;  // number of connections
  std::string tls_note_;               // part of the state; empty without TLS
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Input> make_capture_input(const CaptureOptions& options, std::unique_ptr<FrameInput> frames) {
  return std::make_unique<CaptureInput>(options, std::move(frames));
}

}  // namespace mre
