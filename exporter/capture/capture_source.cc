// SPDX-License-Identifier: Apache-2.0
#include "exporter/capture/capture_source.h"

#include <chrono>
#include <string>
#include <utility>

#include "exporter/base/join.h"
#include "exporter/capture/capture_record.h"

namespace mre {
namespace {

class CaptureSource final : public Source, private EventSink {
 public:
  CaptureSource(const CaptureOptions& options, std::unique_ptr<FrameInput> input, ReadClients read_clients)
      : input_(std::move(input)),
        tracker_(options, status_, input_->local_addresses()),
        read_clients_(std::move(read_clients)) {
    input_->report(status_);
  }

  Result<std::optional<Record>> next(Deadline deadline) override {
    constexpr unsigned kFramesPerCheck = 256;  // of the clock and for an interrupt
    record_.clear();
    peers_.clear();
    for (unsigned frames = 1; record_.bytes().empty(); ++frames) {
      if (frames % kFramesPerCheck == 0 &&
          (input_->interrupted() || std::chrono::steady_clock::now() >= deadline))
        return std::nullopt;
      const auto frame = input_->next(deadline);
      if (!frame && frame.error().code == Errc::end_of_stream && !std::exchange(finished_, true)) {
        tracker_.finish(*this);
        if (!record_.bytes().empty()) break;
      }
      if (!frame) return tl::make_unexpected(frame.error());
      if (!*frame) return on_idle();
      frame_us_ = (*frame)->time_us;
      tracker_.process(**frame, *this);
    }
    return record();
  }

  void interrupt() override { input_->interrupt(); }
  bool save(ByteWriter&) override { return true; }

  const SourceStatus& status() override {
    input_->report(status_);
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
    if (LocalAddresses* local = input_->local_addresses(); local != nullptr && !local->known())
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
  std::optional<Record> on_idle() {
    using namespace std::chrono;
    constexpr microseconds kDelay = seconds(1);  // the kernel may still hold frames of the last second
    const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch());
    tracker_.advance_time((now - kDelay).count(), *this);
    if (record_.bytes().empty()) return std::nullopt;
    return record();
  }

  Record record() {
    status_.record_bytes += record_.bytes().size();
    return Record{.payload = record_.bytes(), .topic = peers_, .time_us = frame_us_};
  }

  void on_code(const ReasonEvent& event) override { write(event); }
  void on_close(const CloseEvent& event) override { write(event); }
  void on_denial(const DenialEvent&) override {}  // packets show none
  void write(const auto& event) {
    if (wants_clients()) name_client();
    append_event(event, record_);
  }

  bool wants_clients() const override { return read_clients_ && read_clients_(); }

  /// Waits for the next event, because a record without one would be counted.
  void on_client(const Subject& subject) override {
    constexpr std::size_t kMaxBytes = 256 * 1024;  // beyond it, clients of later events have no names
    if (clients_.bytes().size() + subject.client.size() + subject.user.size() <= kMaxBytes)
      append_client(subject, clients_);
  }

  void name_client() {
    record_.append(clients_.bytes());
    clients_.clear();
    const std::string peers = tracker_.peers();
    if (peers != peers_) append_peer(peers.substr(0, peers.find(' ')), record_);
    peers_ = peers;
  }

  SourceStatus status_;
  const std::unique_ptr<FrameInput> input_;
  ConnectionTracker tracker_;
  const ReadClients read_clients_;
  ByteWriter record_;
  ByteWriter clients_;                 // that have introduced themselves since the last event
  std::string peers_;                  // of the last event in the record
  std::int64_t frame_us_ = 0;          // of the last frame, since 1970
  std::uint64_t tls_connections_ = 0;  // number of connections
  std::string tls_note_;               // part of the state; empty without TLS
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Source> make_capture_source(const CaptureOptions& options, std::unique_ptr<FrameInput> input,
                                            ReadClients read_clients) {
  return std::make_unique<CaptureSource>(options, std::move(input), std::move(read_clients));
}

}  // namespace mre
