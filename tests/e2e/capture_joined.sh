#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Connections that were opened before the exporter started: their later codes are counted exactly, with the version as far as
# it is known without the CONNECT.
set -euo pipefail
# shellcheck source=tests/e2e/capture_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/capture_lib.sh"

need_root 'capturing packets'
prepare_capture_broker "listener $mqtt_port 127.0.0.1"
start_mosquitto
start clients python3 "$support/joined_clients.py" --broker "127.0.0.1:$mqtt_port" --user client --password "$PASSWORD" \
  --connections 200 --rows "$work/clients.rows"
clients=$started
wait_for "$PATIENCE" grep -qx ready "$work/clients.out" || die 'The clients do not connect.'
start_exporter --capture.interface=lo --capture.ports="$mqtt_port"
expect 'packets are captured' 1 source_up

kill -USR1 "$clients"
wait "$clients" || failed 'what the clients did not get' nothing "$(cat "$work/clients.out")"
printf 'ok     clients: %s\n' "$(tail -n 1 "$work/clients.out")"
expect_rows 'the exporter counts what they did from there on' "$work/clients.rows"
check 'connections that it joined' 200 "$(counter mqtt_reason_capture_connections_lost_total cause=joined)"
