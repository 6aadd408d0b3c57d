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

void write_event(const CloseEvent& event, ByteWriter& out) {
  out.number(static_cast<std::uint64_t>(event.protocol));
  out.number(event.reason);
  out.number(static_cast<std::uint64_t>(event.initiator));
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

CloseEvent read_close_event(ByteReader& in) {
  CloseEvent event{};
  event.protocol = static_cast<mqtt::Protocol>(in.number_up_to(mqtt::kProtocols - 1));
  event.reason = static_cast<mqtt::CloseReason>(in.number_up_to(mqtt::close_reasons().size() - 1));
  event.initiator = static_cast<mqtt::Initiator>(in.number_up_to(mqtt::kInitiators - 1));
  return event;
}

}  // namespace mre
