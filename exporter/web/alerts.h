// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "exporter/metrics/counted_kind.h"

namespace mre {

/// An alert of dashboards/alerts.yaml that watches single reasons, as far as the exporter can judge it alone: its
/// reasons and the floor of its limit. Prometheus also compares with the traffic and with the past.
struct WatchingAlert {
  std::string_view name;        ///< "MqttReasonPublishDenied"
  std::string_view says;        ///< What it means, as a clause: "Many logins are refused"
  mqtt::PacketSet packets = 0;  ///< The packets of the codes that it counts; 0: it counts no codes.
  bool sent_only = false;       ///< Of the codes: only those that the broker sent.
  bool ends = false;            ///< Whether it counts ends without a code.
  bool denials = false;         ///< Whether it counts denials without a code, whatever the reason.
  std::span<const std::string_view> reasons = {};
  double limit = 0;    ///< More events than this are too many,
  bool hours = false;  ///< in an hour; otherwise in a minute.

  bool watches(const CountedKind& kind) const;
};

/// All of them. alerts_test.cc compares them with the files in dashboards/.
std::span<const WatchingAlert> watching_alerts();

/// The alert that watches every error, with and without a code.
inline constexpr std::string_view kAlertOfAllErrors = "MqttReasonFirstInAWeek";

/// The alert that watches the share of errors among the codes that the broker sent in each of these packets.
inline constexpr std::string_view kRatioAlert = "MqttReasonErrorRatioAboveItsPast";
inline constexpr mqtt::Packet kRatioPackets[] = {mqtt::Packet::auth,   mqtt::Packet::connack,
                                                 mqtt::Packet::puback, mqtt::Packet::pubrec,
                                                 mqtt::Packet::suback, mqtt::Packet::unsuback};

/// The address of the alert's chapter in the runbook of this exporter: "/runbook#mqttreasonpublishdenied".
std::string chapter_address(std::string_view alert);

}  // namespace mre
