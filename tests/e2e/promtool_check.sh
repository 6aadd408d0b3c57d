#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# promtool's linter accepts the metrics of a broker of each profile, although their logs and brokers do not exist. The metrics
# that the dashboards ask for exist.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

work=$(mktemp -d)
serving=
clean_up() {
  if [[ -n $serving ]]; then end_group "$serving"; fi
  rm -rf "$work"
}
trap clean_up EXIT

port=$(free_port)
absent=$(free_port $((port + 1)))
cat >"$work/exporter.yaml" <<YAML
web:
  listen_addresses: ["127.0.0.1:$port"]
state: {dir: none}
brokers:
  - name: mosquitto
    profile: mosquitto
    sources:
      - {name: log, log: {path: "$work/absent.log"}}
      - {name: mqtt, mqtt: {url: "mqtt://127.0.0.1:$absent"}}
  - name: emqx
    profile: emqx
    sources: [{name: mqtt, mqtt: {url: "mqtt://127.0.0.1:$absent"}}]
  - name: nanomq
    profile: nanomq
    sources: [{name: mqtt, mqtt: {url: "mqtt://127.0.0.1:$absent"}}]
  - name: packets
    sources: [{name: wire, capture: {interface: no-such-interface}}]
YAML
setsid "$MRE_BINARY" serve --config.file="$work/exporter.yaml" >"$work/log" 2>&1 </dev/null &
serving=$!
if ! wait_for 20 curl -fsS "http://127.0.0.1:$port/metrics"; then
  cat "$work/log"
  die 'The exporter does not serve.'
fi
curl -fsS -D "$work/headers" -o "$work/metrics" "http://127.0.0.1:$port/metrics"
tr -d '\r' <"$work/headers" | grep -qix 'content-type: text/plain; version=0.0.4; charset=utf-8'
grep -q '^mqtt_reason_codes_total' "$work/metrics"
promtool check metrics <"$work/metrics"
"$(dirname "${BASH_SOURCE[0]}")/../dashboards/test.sh" "$MRE_BINARY"
