// SPDX-License-Identifier: Apache-2.0
#include "exporter/event/event_text.h"

#include "exporter/mqtt/reason_text.h"

namespace mre {

std::string code_label(std::uint8_t code) { return mqtt::hex(code); }

std::string to_text(const ReasonEvent& event) {
  std::string text;
  text.append(to_string(event.packet)).append(" ").append(to_string(event.direction));
  text.append(" ").append(to_string(event.protocol)).append(" ").append(code_label(event.code));
  text.append(" ").append(to_string(event.evidence));
  return text;
}

std::string to_text(const CloseEvent& event) {
  std::string text = "close ";
  text.append(to_string(event.protocol)).append(" ").append(mqtt::close_reasons()[event.reason].label);
  text.append(" ").append(to_string(event.initiator));
  return text;
}

std::string to_text(const DenialEvent& event) {
  std::string text = "denial ";
  text.append(to_string(event.protocol)).append(" ").append(to_string(event.action));
  text.append(" ").append(mqtt::close_reasons()[event.reason].label);
  return text;
}

}  // namespace mre
