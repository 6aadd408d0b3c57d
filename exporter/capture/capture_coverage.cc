// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "exporter/capture/capture_input.h"

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

}  // namespace

const Coverage& capture_coverage() {
  static const Coverage coverage = coverage_of_the_wire();
  return coverage;
}

}  // namespace mre
