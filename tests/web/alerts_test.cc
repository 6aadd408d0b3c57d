// SPDX-License-Identifier: Apache-2.0
#include "exporter/web/alerts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>

#include "exporter/base/join.h"

namespace mre {
namespace {

using ::testing::HasSubstr;

std::string file(const std::string& name) {
  std::ifstream stream(MRE_SOURCE_DIR "/dashboards/" + name);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The text of one alert in alerts.yaml, without the escapes of its strings.
std::string rule_of(const std::string& alerts, std::string_view name) {
  const auto begin = alerts.find("- alert: \"" + std::string(name) + "\"");
  if (begin == alerts.npos) return {};
  std::string rule = alerts.substr(begin, alerts.find("- alert:", begin + 1) - begin);
  std::erase(rule, '\\');
  return rule;
}

TEST(WatchingAlerts, AreThoseOfTheRules) {
  const std::string alerts = file("alerts.yaml");
  const std::string rules = file("rules.yaml");
  const std::string limits = file("config.libsonnet");
  const std::string runbook = file("RUNBOOK.md");
  for (const WatchingAlert& alert : watching_alerts()) {
    SCOPED_TRACE(alert.name);
    std::string rule = rule_of(alerts, alert.name);
    ASSERT_FALSE(rule.empty());
    if (alert.name == "MqttReasonMassDisconnect") {  // what it sums is recorded
      const auto at = rules.find("record: \"broker:mqtt_reason_connections_lost:rate5m\"");
      ASSERT_NE(at, rules.npos);
      rule = rules.substr(rules.rfind("- expr", at), at - rules.rfind("- expr", at));
      std::erase(rule, '\\');
    }
    const std::string reasons = alert.reasons.size() == 1 ? "reason=\"" + std::string(alert.reasons[0]) + "\""
                                                          : "reason=~\"" + join(alert.reasons, "|") + "\"";
    EXPECT_THAT(rule, HasSubstr(alert.denials ? "denials_without_code" : reasons));
    EXPECT_EQ(rule.find("closes") != rule.npos, alert.ends);
    EXPECT_EQ(rule.find("direction=\"sent\"") != rule.npos, alert.sent_only);
    for (const std::string_view reason : alert.reasons)
      EXPECT_TRUE(mqtt::close_reason_from(reason)) << reason;
    const std::regex limit(std::string(alert.name) + ": \\{ floor: ([0-9]+)[^}]*?(hours: true)? \\}");
    std::smatch found;
    ASSERT_TRUE(std::regex_search(limits, found, limit));
    EXPECT_EQ(std::stod(found[1]), alert.limit);
    EXPECT_EQ(found[0].str().find("hours: true") != std::string::npos, alert.hours);
    EXPECT_THAT(runbook, HasSubstr("\n### " + std::string(alert.name) + "\n"));
  }
  EXPECT_THAT(rule_of(alerts, kAlertOfAllErrors), HasSubstr("mqtt_reason_all_errors"));
  const std::string packets = join(kRatioPackets, "|", [](mqtt::Packet packet) { return to_string(packet); });
  EXPECT_THAT(rule_of(alerts, kRatioAlert), HasSubstr("{packet=~\"" + packets + "\", direction=\"sent\"}"));
}

TEST(WatchingAlerts, DistinguishEvents) {
  const auto watched = [](const CountedKind& kind) {
    std::vector<std::string> names;
    for (const WatchingAlert& alert : watching_alerts())
      if (alert.watches(kind)) names.emplace_back(alert.name);
    return names;
  };
  using Names = std::vector<std::string>;
  constexpr auto error = mqtt::Class::error;
  CountedKind kind{.packet = mqtt::Packet::puback, .cls = error, .reason = "not_authorized"};
  EXPECT_EQ(watched(kind), Names{"MqttReasonPublishDenied"});
  kind.direction = mqtt::Direction::received;
  EXPECT_EQ(watched(kind), Names{}) << "a client refused";
  kind = {.packet = mqtt::Packet::connack, .cls = error, .reason = "banned"};
  EXPECT_EQ(watched(kind), (Names{"MqttReasonAuthenticationBurst", "MqttReasonAuthenticationSteady"}));
  kind = {.type = CountedKind::Type::denial, .cls = error, .reason = "packet_too_large"};
  EXPECT_EQ(watched(kind), Names{"MqttReasonDeniedWithoutCode"});
  kind = {.type = CountedKind::Type::end, .cls = error, .reason = "keep_alive_timeout"};
  EXPECT_EQ(watched(kind), (Names{"MqttReasonMassDisconnect", "MqttReasonKeepAliveTimeoutsRising"}));
  kind = {
      .packet = mqtt::Packet::puback, .cls = mqtt::Class::informational, .reason = "no_matching_subscribers"};
  EXPECT_EQ(watched(kind), Names{});
}

}  // namespace
}  // namespace mre
