// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mre {

/// A line that a client can make a broker write, and that costs a profile more than others of its length:
/// `begin`, then `repeated` as often as it takes, then `end`.
struct WorstLine {
  std::string_view profile;
  std::string_view recording;  ///< Below tests/testdata: what ordinary lines of this profile are.
  std::string_view begin;
  std::string_view repeated;
  std::string_view end;

  std::string of(std::size_t bytes) const {
    std::string line(begin);
    while (line.size() + end.size() < bytes) line += repeated;
    return line.append(end);
  }
};

/// Found by trying some hundreds of lines for each profile, made of its own words.
inline const std::vector<WorstLine>& worst_lines() {
  static const std::vector<WorstLine> lines = {
      {"artemis", "artemis/artemis-crlf.log",
       "2026-08-21 10:00:01,123 TRACE [org.apache.activemq.artemis.core.protocol.mqtt.MQTTUtil] MQTT(c1): IN "
       "<< PUBREC(2)",
       ")", " reasonCode=0x92"},
      {"artemis", "artemis/artemis-crlf.log",
       "2026-08-21 10:00:01,123 TRACE [org.apache.activemq.artemis.core.protocol.mqtt.MQTTUtil] MQTT(c1",
       "): IN << PUBLISH(", " reasonCode=0x92"},
      {"hivemq", "hivemq/hivemq-2025.5.event.log", "2026-11-22 10:19:12,662 - Client ID: c4",
       ", IP: ", ", IP: 127.0.0.1 was disconnected. reason: x."},
      {"flashmq", "flashmq/flashmq-1.26.2.log",
       "[2026-11-22 04:54:59.000] [NOTICE] [T 0] Removing client '[ClientID='c1', username='', fd=1, "
       "keepalive=60s, transport='TCP/MQTT', address='127.0.0.1'",
       ", prot=", ""},
      {"ejabberd", "ejabberd/ejabberd-26.07.log",
       "2026-11-22 10:15:34.805365+00:00 [warning] <0.454.0>@mod_mqtt_session:log_disconnection/2:1441 "
       "Rejected MQTT connection from 127.0.0.1",
       ": :", ""},
      {"emqx", "emqx/emqx-5.1.0-debug.log",
       "2026-11-22T05:27:31.184198+00:00 [debug] msg: mqtt_packet_received, mfa: a, line: 338, peername: "
       "127.0.0.1:34340, clientid: a",
       ", a: a", ", packet: x"},
      {"mosquitto", "mosquitto/mosquitto-2.1.2-all.log", "1795322239: Client a", " disconnected: ", "."},
      {"tbmq", "tbmq/tbmq.log",
       "2026-05-13 10:00:00,123 [mqtt-actor-1] DEBUG o.t.m.b.a.c.s.d.DisconnectServiceImpl - [127.0.0.1][c1",
       "] Init client disconnection. Reason - ON_", "DISCONNECT_MSG(x)."},
      {"mochi", "mochi/mochi-2.7.9.log",
       "time=2026-11-22T07:59:51.967Z level=DEBUG msg=\"CONNECT << \" hook=debug m=\"map[clean:true id:c1",
       " keepalive:", "60 username: version:5]\""},
      {"rabbitmq", "rabbitmq/rabbitmq-4.3.6-debug.log",
       "2026-11-22 10:20:24.690160+00:00 [debug] <0.797.0> Received a CONNECT, client ID: c1",
       ", protocol version: ", "5, keepalive: 60, property names: x"},
  };
  return lines;
}

}  // namespace mre
