// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/alerts.h"

#include <algorithm>

#include "exporter/base/text.h"

namespace mre {
namespace {

using mqtt::Packet;
using mqtt::set_of;
using std::string_view;

constexpr mqtt::PacketSet kAnyPacket = (1U << mqtt::kPackets) - 1;

constexpr string_view kAuthentication[] = {"bad_authentication_method", "bad_user_name_or_password", "banned",
                                           "not_authorized"};
constexpr string_view kNotAuthorized[] = {"not_authorized"};
constexpr string_view kSubscribeDenied[] = {"not_authorized", "unspecified_error"};
constexpr string_view kUnavailable[] = {"server_busy", "server_unavailable"};
constexpr string_view kLost[] = {"implementation_specific_error", "keep_alive_timeout", "network_error",
                                 "unspecified_error"};
constexpr string_view kQuota[] = {"connection_rate_exceeded", "message_rate_too_high", "quota_exceeded",
                                  "receive_maximum_exceeded"};
constexpr string_view kProtocolErrors[] = {"malformed_packet", "protocol_error"};
constexpr string_view kTls[] = {"tls_error"};
constexpr string_view kTakeOver[] = {"session_taken_over"};
constexpr string_view kKeepAlive[] = {"keep_alive_timeout"};
constexpr string_view kTooLarge[] = {"packet_too_large"};
constexpr string_view kVersion[] = {"unsupported_protocol_version"};

constexpr WatchingAlert kAlerts[] = {
    {.name = "MqttReasonMassDisconnect",
     .says = "Connections are lost",
     .packets = set_of(Packet::disconnect),
     .ends = true,
     .reasons = kLost,
     .limit = 20},
    {.name = "MqttReasonTlsErrors",
     .says = "TLS fails",
     .packets = kAnyPacket,
     .ends = true,
     .reasons = kTls,
     .limit = 6},
    {.name = "MqttReasonAuthenticationBurst",
     .says = "Many logins are refused",
     .packets = set_of(Packet::connack),
     .sent_only = true,
     .reasons = kAuthentication,
     .limit = 10},
    {.name = "MqttReasonAuthenticationSteady",
     .says = "Logins keep being refused",
     .packets = set_of(Packet::connack),
     .sent_only = true,
     .reasons = kAuthentication,
     .limit = 10,
     .hours = true},
    {.name = "MqttReasonPublishDenied",
     .says = "Messages are denied",
     .packets = set_of(Packet::puback) | set_of(Packet::pubrec) | set_of(Packet::disconnect),
     .sent_only = true,
     .ends = true,
     .reasons = kNotAuthorized,
     .limit = 6},
    {.name = "MqttReasonSubscribeDenied",
     .says = "Subscriptions are denied",
     .packets = set_of(Packet::suback) | set_of(Packet::unsuback),
     .sent_only = true,
     .reasons = kSubscribeDenied,
     .limit = 6},
    {.name = "MqttReasonDeniedWithoutCode",
     .says = "Requests are denied without a code",
     .denials = true,
     .limit = 6},
    {.name = "MqttReasonServerUnavailable",
     .says = "The broker is unavailable for clients",
     .packets = kAnyPacket,
     .ends = true,
     .reasons = kUnavailable,
     .limit = 6},
    {.name = "MqttReasonQuotaExceeded",
     .says = "Clients exceed limits",
     .packets = kAnyPacket,
     .ends = true,
     .reasons = kQuota,
     .limit = 6},
    {.name = "MqttReasonTakeOverStorm",
     .says = "Clients take over each other's sessions",
     .packets = kAnyPacket,
     .ends = true,
     .reasons = kTakeOver,
     .limit = 6},
    {.name = "MqttReasonKeepAliveTimeoutsRising",
     .says = "Clients time out",
     .packets = kAnyPacket,
     .ends = true,
     .reasons = kKeepAlive,
     .limit = 1},
    {.name = "MqttReasonProtocolErrors",
     .says = "Packets are invalid",
     .packets = kAnyPacket,
     .ends = true,
     .reasons = kProtocolErrors,
     .limit = 6},
    {.name = "MqttReasonPacketTooLarge",
     .says = "Packets are too large",
     .packets = kAnyPacket,
     .ends = true,
     .reasons = kTooLarge,
     .limit = 1},
    {.name = "MqttReasonUnsupportedProtocolVersion",
     .says = "Clients ask for an MQTT version that is not supported",
     .packets = kAnyPacket,
     .ends = true,
     .reasons = kVersion,
     .limit = 5,
     .hours = true},
};

}  // namespace

bool WatchingAlert::watches(const CountedKind& kind) const {
  if (kind.cls != mqtt::Class::error) return false;
  if (kind.type == CountedKind::Type::denial) return denials;
  if (std::ranges::find(reasons, kind.reason) == reasons.end()) return false;
  if (kind.type == CountedKind::Type::end) return ends;
  return contains(packets, kind.packet) && (!sent_only || kind.direction == mqtt::Direction::sent);
}

std::span<const WatchingAlert> watching_alerts() { return kAlerts; }

std::string chapter_address(string_view alert) { return "/runbook#" + lower_case(alert); }

}  // namespace mre
