// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "exporter/capture/capture_record.h"
#include "exporter/capture/capture_source.h"

namespace mre {
namespace {

using mqtt::Direction;
using mqtt::Packet;
using mqtt::Protocol;

void add_reason(const mqtt::Reason& reason, Protocol protocol, std::vector<ReasonEvent>& codes) {
  for (std::size_t i = 0; i < mqtt::kPackets; ++i) {
    const auto packet = static_cast<Packet>(i);
    const auto add = [&](Direction direction) {
      codes.push_back({packet, direction, protocol, reason.code, Evidence::code_in_record});
    };
    if (mqtt::contains(reason.by_broker, packet)) add(Direction::sent);
    if (mqtt::contains(reason.by_client, packet)) add(Direction::received);
  }
}

/// All events that the standard allows. A series for any other code is created when it first occurs.
Coverage coverage_of_the_wire() {
  Coverage coverage;
  for (const mqtt::Reason& reason : mqtt::reasons()) {
    add_reason(reason, reason.protocol, coverage.codes);
    if (reason.protocol == Protocol::v3_1_1) add_reason(reason, Protocol::v3_1, coverage.codes);
  }
  const auto closed = mqtt::close_reason_from("connection_closed").value();
  const auto normal = mqtt::close_reason_from("normal_disconnection").value();
  const auto tls_error = mqtt::close_reason_from("tls_error").value();
  const auto timed_out = mqtt::close_reason_from("keep_alive_timeout").value();
  for (const Protocol protocol : {Protocol::v5, Protocol::v3_1_1, Protocol::v3_1, Protocol::unknown}) {
    coverage.closes.push_back({protocol, closed, mqtt::Initiator::client});
    coverage.closes.push_back({protocol, closed, mqtt::Initiator::broker});
    coverage.closes.push_back({protocol, timed_out, mqtt::Initiator::broker});
    if (protocol == Protocol::unknown) {
      coverage.closes.push_back({protocol, tls_error, mqtt::Initiator::client});
      coverage.closes.push_back({protocol, tls_error, mqtt::Initiator::broker});
    }
    if (protocol != Protocol::v5) coverage.closes.push_back({protocol, normal, mqtt::Initiator::client});
  }
  return coverage;
}

class CaptureDecoder final : public StatelessDecoder {
 public:
  CaptureDecoder() : StatelessDecoder(coverage_of_the_wire()) {}

  Decoded decode(const Record& record, EventSink& sink) override {
    if (!emit_events(record.payload, sink, peer_))
      return {Outcome::malformed, RecordError::invalid_value, {}};
    seen_ = true;
    return {Outcome::matched, RecordError::none, {}};
  }

  Subject subject() const override { return {.peer = peer_}; }

  /// One event proves that the broker's packets pass here unencrypted, so all of them are visible.
  Visibility visibility() const override { return seen_ ? all_of(coverage()) : Visibility(); }

  void save(ByteWriter& out) const override { out.flag(seen_); }
  bool restore(ByteReader& in) override {
    seen_ = !in.finished() && in.flag();  // earlier versions wrote nothing
    return !in.failed();
  }

 private:
  bool seen_ = false;
  std::string_view peer_;  // of the current event
};

}  // namespace

std::unique_ptr<Decoder> make_capture_decoder() { return std::make_unique<CaptureDecoder>(); }

}  // namespace mre
