#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ten thousand connections to a real mosquitto, by clients that record every code that they receive and how each connection
# ends. Three others must agree with them row by row: the exporter that captures live, `replay` of a capture that tcpdump makes
# at the same time, and tshark. Over WebSocket the clients split packets into frames anywhere.
set -euo pipefail
# shellcheck source=tests/e2e/capture_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/capture_lib.sh"

need_root 'capturing packets'
websocket_port=$(free_port $((http_port + 1)))
ports=$mqtt_port,$websocket_port
prepare_capture_broker "listener $mqtt_port 127.0.0.1" "listener $websocket_port 127.0.0.1" 'protocol websockets'
start_mosquitto
start_exporter --capture.interface=lo --capture.ports="$ports"
expect 'packets are captured' 1 source_up
start_tcpdump "tcp port $mqtt_port or tcp port $websocket_port"

play clients --broker "127.0.0.1:$mqtt_port" --connections 10000 --for-tshark
play websocket --broker "127.0.0.1:$websocket_port" --connections 500 --websocket
sum_rows "$work/clients.rows" "$work/websocket.rows" >"$work/all.rows"
expect_rows 'the exporter counts what the clients know' "$work/all.rows"
check 'frames that found the ring full' 0 "$(counter mqtt_reason_capture_frames_dropped_total)"

end_tcpdump
check_text 'tcpdump lost none either' '^0 packets dropped by kernel$' "$(cat "$work/tcpdump.out")"
replayed_rows --capture.ports "$ports" "$work/live.pcap" >"$work/replayed.rows"
same_rows 'replay reads the same' "$work/all.rows" "$work/replayed.rows"
# tshark does not show ends of connections, and decodes no answer to a version that does not exist.
grep -Ev '^END | unknown ' "$work/clients.rows" >"$work/decoded.rows"
python3 "$support/tshark_rows.py" "$work/live.pcap" --port "$mqtt_port" >"$work/tshark.rows" 2>>"$work/tshark.out"
same_rows 'tshark decodes the same' "$work/decoded.rows" "$work/tshark.rows"
