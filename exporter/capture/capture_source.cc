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
  CaptureSource(const CaptureOptions& options, std::unique_ptr<FrameInput> input, NamePeers names)
      : input_(std::move(input)), tracker_(options, status_, input_->own_addresses()), names_(names) {
    input_->report(status_);
  }

  Result<std::optional<Record>> next(Deadline deadline) override {
    constexpr unsigned between_looks = 256;  // at the clock, and whether somebody waits for us
    record_.clear();
    for (unsigned frames = 1; record_.bytes().empty(); ++frames) {
      if (frames % between_looks == 0 &&
          (input_->interrupted() || std::chrono::steady_clock::now() >= deadline))
        return std::nullopt;
      const auto frame = input_->next(deadline);
      if (!frame && frame.error().code == Errc::end_of_stream && !std::exchange(finished_, true)) {
        tracker_.finish(*this);
        if (!record_.bytes().empty()) break;
      }
      if (!frame) return tl::make_unexpected(frame.error());
      if (!*frame) return quiet();
      tracker_.see(**frame, *this);
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
    if (std::exchange(tls_seen_, status_.connections_tls) != status_.connections_tls) {
      const auto port_text = [](std::uint16_t port) { return std::to_string(port); };
      tls_note_ =
          "; TLS on port " + join(tracker_.tls_ports(), ", ", port_text) +
          " cannot be read: capture behind what ends it, or leave these clients to the log or the events";
    }
    if (status_.up) status_.state += tls_note_;
  }

  /// Nothing of it is counted, and nobody would know why; or more is than it should.
  void note_unfollowed() {
    if (!status_.up) return;
    if (OwnAddresses* own = input_->own_addresses(); own != nullptr && !own->known())
      status_.state +=
          "; the system does not list this machine's addresses: those that are not named are taken for its "
          "own";
    if (!tracker_.unfollowed()) return;
    status_.state +=
        "; connections to " + to_string(*tracker_.unfollowed()) +
        " are not followed, as this machine has no such address: if it is the broker's, name it in "
        "\"addresses\"";
  }

  /// What was waited for long enough may be told though nothing passes.
  std::optional<Record> quiet() {
    using namespace std::chrono;
    constexpr microseconds behind = seconds(1);  // frames that have come may not have been handed out yet
    const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch());
    tracker_.pass_time((now - behind).count(), *this);
    if (record_.bytes().empty()) return std::nullopt;
    return record();
  }

  Record record() {
    status_.record_bytes += record_.bytes().size();
    return Record{record_.bytes(), peers_};
  }

  void on_code(const ReasonEvent& event) override { write(event); }
  void on_close(const CloseEvent& event) override { write(event); }
  void on_denial(const DenialEvent&) override {}  // no packet shows one
  void write(const auto& event) {
    write_told(event, record_);
    if (names_ == NamePeers::yes) peers_ = tracker_.peers();
  }

  SourceStatus status_;
  const std::unique_ptr<FrameInput> input_;
  ConnectionTracker tracker_;
  const NamePeers names_;
  ByteWriter record_;
  std::string peers_;
  std::uint64_t tls_seen_ = 0;  // connections
  std::string tls_note_;        // for the state; empty while there are none
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Source> make_capture_source(const CaptureOptions& options, std::unique_ptr<FrameInput> input,
                                            NamePeers names) {
  return std::make_unique<CaptureSource>(options, std::move(input), names);
}

}  // namespace mre
