// SPDX-License-Identifier: Apache-2.0
#include "exporter/clients/any_event.h"

#include <array>

namespace mre {
namespace {

struct GroupOf {
  EventGroup operator()(const ReasonEvent& event) const {
    return {to_string(event.packet), mqtt::reason_label(event.protocol, event.packet, event.code)};
  }
  EventGroup operator()(const CloseEvent& event) const {
    return {"end", mqtt::close_reasons()[event.reason].label};
  }
  EventGroup operator()(const DenialEvent& event) const {
    constexpr std::array<std::string_view, kActions> names = {"publish denied", "subscribe denied",
                                                              "connect denied"};
    return {names[static_cast<std::size_t>(event.action)], mqtt::close_reasons()[event.reason].label};
  }
};

struct ClassOf {
  mqtt::Class operator()(const ReasonEvent& event) const {
    return mqtt::classify(event.protocol, event.packet, event.code);
  }
  mqtt::Class operator()(const CloseEvent& event) const { return mqtt::close_reasons()[event.reason].cls; }
  mqtt::Class operator()(const DenialEvent&) const { return mqtt::Class::error; }
};

}  // namespace

EventGroup group_of(const AnyEvent& event) { return std::visit(GroupOf(), event); }

mqtt::Class class_of(const AnyEvent& event) { return std::visit(ClassOf(), event); }

bool is_remarkable(const CloseEvent& event) { return ClassOf()(event) != mqtt::Class::success; }

}  // namespace mre
