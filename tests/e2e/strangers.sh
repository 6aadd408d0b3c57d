#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Attackers at a real mosquitto without an ACL, which is its default: whatever they publish chooses no profile and is not
# counted. The exporter believes only $SYS, to which the broker lets no client publish.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

said() { grep -Eq -- "$1" "$work/exporter.out"; }
forged=$work/forged
cat >"$work/mosquitto.conf" <<CONF
listener $mqtt_port 127.0.0.1
allow_anonymous true
log_dest topic
log_dest file $broker_log
CONF
# Started by root, mosquitto would become a user that cannot read this directory.
if [[ $(id -u) -eq 0 ]]; then printf 'user root\n' >>"$work/mosquitto.conf"; fi

# forge TOPIC PAYLOAD COUNT: publishes it as one client, at QoS 1.
forge() {
  yes -- "$2" | head -n "$3" >"$forged" || true
  timeout 30 mosquitto_pub -h 127.0.0.1 -p "$mqtt_port" -i "stranger" -V mqttv5 -q 1 -t "$1" -l <"$forged" >>"$work/clients.out" 2>&1 || true
}
# What AWS IoT, EMQX, NanoMQ, aedes and RMQTT publish when they refuse or throw out a client, and lines of a mosquitto.
forge_everything() {
  forge "\$aws/events/presence/disconnected/e1" '{"clientId":"e1","timestamp":1,"eventType":"disconnected","sessionIdentifier":"1","principalIdentifier":"p","clientInitiatedDisconnect":false,"disconnectReason":"AUTH_ERROR","versionNumber":6}' "$1"
  forge "\$aws/events/presence/connect_failed/e1" '{"clientId":"e1","timestamp":1,"eventType":"connect_failed","connectFailureReason":"AUTHORIZATION_FAILED","principalIdentifier":"p","sessionIdentifier":"1","ipAddress":"192.0.2.0"}' "$1"
  forge "\$SYS/brokers/emqx@127.0.0.1/clients/c1/disconnected" '{"reason":"not_authorized","proto_ver":5,"connected_at":1,"clientid":"c1"}' "$1"
  forge "\$events/client_connack" '{"event":"client.connack","clientid":"c","proto_ver":5,"reason_code":"banned"}' "$1"
  forge exporter/client_connack '{"event":"client.connack","clientid":"c","proto_ver":5,"reason_code":"banned"}' "$1"
  forge "\$SYS/brokers/connected" '{"username":"u", "ts":1,"proto_name":"MQTT","keepalive":60,"return_code":"5","proto_ver":4,"client_id":"a","clean_start":1, "IPv4":"127.0.0.1"}' "$1"
  forge "\$SYS/a/new/subscribes" '{"clientId":"c1","subs":[{"topic":"denied/a","qos":128}]}' "$1"
  forge "\$SYS/broker/log/N" '1700000000: Client c1 disconnected, not authorised.' "$1"
  forge "\$share/g/\$SYS/broker/log/N" '1700000000: Client c1 disconnected, not authorised.' "$1"
}
errors() { codes class=error; }
forged_closes() { closes reason=not_authorized; }

start_mosquitto
start_exporter --mqtt.url="mqtt://127.0.0.1:$mqtt_port"
expect 'subscribed before the profile is known' 1 source_up broker=auto source=mqtt
forge_everything 20
expect_success 'the broker alone chooses the profile' said 'broker mosquitto: profile mosquitto, because in source mqtt'
check_text 'no forged message was one of its records' 'records are its own, no other profile knows any' \
  "$(grep 'profile mosquitto, because' "$work/exporter.out")"
forge_everything 200
timeout 30 mosquitto_pub -h 127.0.0.1 -p "$mqtt_port" -i last -t t -m m
last_is_seen() { [[ $(codes packet=CONNACK code=0x00) -ge 19 ]]; }
expect_success 'events of the broker are still counted' last_is_seen
check 'no code of the forged ones is counted' 0 "$(errors)"
check 'no end of the forged ones is counted' 0 "$(forged_closes)"
check 'none of the forged ones is a record that was read' 0 "$(counter mqtt_reason_source_records_total outcome=malformed)"
