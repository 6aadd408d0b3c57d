#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Attackers beside a real mosquitto: clients that try passwords and try to evade the capture, and connections from the broker's
# port that carry codes which no broker has sent. Only what the broker sent is counted.
set -euo pipefail
# shellcheck source=tests/e2e/capture_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/capture_lib.sh"

need_root 'capturing packets'
prepare_capture_broker "listener $mqtt_port 127.0.0.1"
start_mosquitto
start_exporter --capture.interface=any --capture.ports="$mqtt_port"
expect 'packets are captured' 1 source_up

clients=$(timeout 100 python3 "$support/hostile_clients.py" --broker "127.0.0.1:$mqtt_port" --times 10) ||
  failed 'the broker hears every client' 'all refused' "$clients"
printf 'ok     clients: %s\n' "$clients"
refused() { codes packet=CONNACK code=0x87 protocol=5.0; }
expect 'every refusal is counted' "${clients%% *}" refused
# What comes afterwards is counted after what came before.
publish_refused gate mqttv5 open/x 1 e2e-wrong
expect 'one more' $((${clients%% *} + 1)) refused
check 'codes in all' "$(refused)" "$(codes)"
check 'connections taken for TLS' 0 "$(counter mqtt_reason_capture_connections_total kind=tls)"
check 'connections taken for something else' 0 "$(counter mqtt_reason_capture_connections_total kind=other)"
check 'frames that found the ring full' 0 "$(counter mqtt_reason_capture_frames_dropped_total)"
