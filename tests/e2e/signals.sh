#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SIGTERM and SIGINT end the exporter soon, with exit code 0, whatever its peers do.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# ends_by SIGNAL WHAT: the exporter ends within 5 seconds.
ends_by() {
  local status=0 began=${EPOCHREALTIME/./}
  kill "-$1" "$exporter"
  wait_for "$PATIENCE" ended || failed "$2, SIG$1" 'the end' "still there after $PATIENCE s"
  local took=$(((${EPOCHREALTIME/./} - began) / 1000))
  wait "$exporter" || status=$?
  check "$2, SIG$1: exit code" 0 "$status"
  [[ $took -lt 5000 ]] || failed "$2, SIG$1" 'the end within 5 s' "$took ms"
  printf 'ok     %s, SIG%s: ended within 5 s\n' "$2" "$1"
  check_text "$2, SIG$1: logged" "stopping after signal SIG$1" "$(tail -n 5 "$work/exporter.out")"
  ! kill -0 -- "-$exporter" 2>/dev/null || failed "$2, SIG$1" 'no process left' 'one is left'
  ! answers "$http_port" || failed "$2, SIG$1" 'the port is free' 'it is taken'
}

ended() { ! kill -0 "$exporter" 2>/dev/null; }

# connected_to PORT: somebody has a connection to it.
connected_to() { grep -Eqi "^ *[0-9]+: [0-9A-F:]+ 0100007F:$(printf '%04X' "$1") 01 " /proc/net/tcp; }

cat >"$work/exporter.yaml" <<YAML
brokers:
  - name: hall
    profile: mosquitto
    sources:
      - {name: log, log: {path: "$broker_log"}}
      - {name: events, mqtt: {url: "mqtt://127.0.0.1:$mqtt_port", username: exporter, password_file: "$work/exporter.password"}}
YAML
for signal in TERM INT; do
  start_exporter --config.file="$work/exporter.yaml"
  ends_by "$signal" 'no log, no broker'
done

start_mosquitto
for signal in TERM INT; do
  start_exporter --config.file="$work/exporter.yaml"
  expect 'log and broker are there' 2 source_up
  ends_by "$signal" 'log and broker'
done

start_exporter --config.file="$work/exporter.yaml"
expect 'log and broker are there' 2 source_up
kill -STOP "$broker"
ends_by TERM 'a broker that stopped answering'
# The kernel accepts the connection, and nobody reads it.
for signal in TERM INT; do
  start_exporter --config.file="$work/exporter.yaml"
  expect_success 'it waits for CONNACK' connected_to "$mqtt_port"
  ends_by "$signal" 'a black hole for a broker'
done

start_exporter --config.file="$work/exporter.yaml"
# shellcheck disable=SC2016
start idle bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"; printf "GET /metrics HTTP/1.1\r\n" >&3; cat <&3' idle "$http_port"
expect_success 'a scraper that never ends its request' connected_to "$http_port"
ends_by TERM 'an idle scraper'
