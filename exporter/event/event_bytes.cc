// SPDX-License-Identifier: Apache-2.0
#include "exporter/event/event_bytes.h"

namespace mre {

void write_event(const ReasonEvent& event, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(event.packet));
  out.number(static_cast<std::uint64_t>(event.direction));
  out.number(static_cast<std::uint64_t>(event.protocol));
  out.number(event.code);
  out.number(static_cast<std::uint64_t>(event.evidence));
}

ReasonEvent read_event(ByteReader& in) {
  ReasonEvent event{};
  event.packet = static_cast<mqtt::Packet>(in.number_up_to(mqtt::kPackets - 1));
  event.direction = static_cast<mqtt::Direction>(in.number_up_to(mqtt::kDirections - 1));
  event.protocol = static_cast<mqtt::Protocol>(in.number_up_to(mqtt::kProtocols - 1));
  event.code = static_cast<std::uint8_t>(in.number_up_to(0xFF));
  event.evidence = static_cast<Evidence>(in.number_up_to(static_cast<std::uint64_t>(Evidence::inferred)));
  return event;
}

}  // namespace mre
