#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# While the broker is away, restarts or refuses the exporter, /metrics is served and shows it. Afterwards the exporter
# continues by itself.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

refused() { codes source=events packet=CONNACK direction=sent code=0x87 class=error evidence=inferred; }
status() { curl -sS -o "$work/body" -w '%{http_code}' --max-time 10 "$url$1"; }
failures_since() { [[ $(counter mqtt_reason_source_failures_total) -ge $(($1 + 3)) ]]; }
said() { grep -Ec -- "$1" "$work/exporter.out"; }

prepare_mosquitto
cat >"$work/exporter.yaml" <<YAML
brokers:
  - name: hall
    profile: mosquitto
    sources:
      - name: events
        mqtt:
          url: "mqtt://127.0.0.1:$mqtt_port"
          username: exporter
          password_file: "$work/exporter.password"
          connect_timeout: 5s
          backoff_min: 1s
          backoff_max: 1s
YAML
start_exporter --config.file="$work/exporter.yaml"
check 'no broker: /metrics' 200 "$(status /metrics)"
check 'no broker: /-/healthy' 200 "$(status /-/healthy)"
expect 'no broker: ready, because it serves' 200 status /-/ready
check 'no broker: up' 0 "$(source_up broker=hall source=events)"
check 'no broker: a refusal can be seen from the start' 0 "$(refused)"
expect_success 'it tries again and again' failures_since 0
check 'it said so' 1 "$(said 'level=warn .*cannot connect to mqtt://127.0.0.1')"

start_mosquitto
expect 'the broker is there: up' 1 source_up source=events
repeat 3 publish_refused gate mqttv5 open/x 1 wrong
expect 'CONNACK 0x87' 3 refused

stop "$broker"
expect 'the broker has ended: up' 0 source_up
check 'the broker has ended: /metrics' 200 "$(status /metrics)"
check 'the broker has ended: counted so far' 3 "$(refused)"
start_mosquitto
expect 'the broker is there again: up' 1 source_up
expect 'connected' 2 counter mqtt_reason_source_connects_total
expect 'subscribed' 2 counter mqtt_reason_source_resubscribes_total
repeat 2 publish_refused gate mqttv5 open/x 1 wrong
expect 'CONNACK 0x87' 5 refused

stop "$broker"
printf wrong >"$work/exporter.password"
start_mosquitto
expect_success 'it says why it is refused' said 'level=warn .*refused the connection: Not authorized'
check 'refused: up' 0 "$(source_up)"
before=$(counter mqtt_reason_source_failures_total)
expect_success 'it tries again and again' failures_since "$before"
check 'it said so once' 1 "$(said 'refused the connection')"
check 'no password in its log' 0 "$(grep -c "$PASSWORD" "$work/exporter.out" || true)"
printf '%s' "$PASSWORD" >"$work/exporter.password"
expect 'the right password in the file: up' 1 source_up
before=$(refused)
publish_refused gate mqttv5 open/x 1 wrong
expect 'CONNACK 0x87' "$((before + 1))" refused
check 'it never said "subscribed" for a warning' 0 "$(said 'level=warn .*: subscribed' || true)"
