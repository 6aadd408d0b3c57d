#pragma once

#include <compare>
#include <cstdint>

#include "exporter/mqtt/close_reason.h"
#include "exporter/mqtt/reason_code.h"

namespace mre {

/// How an event was learnt from its record.
enum class Evidence : std::uint8_t {
  code_in_record,  ///< "explicit": the code stood in the record, as a number or as its name.
  inferred,        ///< "inferred": the record implies the code in words.
};

/// The label value: "explicit" or "inferred".
constexpr std::string_view to_string(Evidence evidence) {
  return evidence == Evidence::code_in_record ? "explicit" : "inferred";
}

/// One reason code that went over the wire, as one record told it.
struct ReasonEvent {
  mqtt::Packet packet;
  mqtt::Direction direction;
  mqtt::Protocol protocol;
  std::uint8_t code;  ///< The byte as it was on the wire.
  Evidence evidence;

  auto operator<=>(const ReasonEvent&) const = default;
};

/// The end of a connection for a known reason that no reason code on the wire told.
struct CloseEvent {
  mqtt::Protocol protocol;
  mqtt::CloseReason reason;
  mqtt::Initiator initiator;

  auto operator<=>(const CloseEvent&) const = default;
};

}  // namespace mre
