#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# hostile_ids.sh EXPORTER WRITER [COUNT]: COUNT (a million) clients with hostile ids on every way into the exporter: a log, MQTT
# events (a recording, and a tenth of them through a real Mosquitto), a capture. Pages, JSON, JSON lines, tables and exposition stay
# valid and bounded, each event is counted, and memory does not grow with the number of ids.
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tests/lib.sh
source "$here/../lib.sh"
PATH=$PATH:/usr/sbin # where Debian has mosquitto
exporter=$(realpath "$1")
writer=$(realpath "$2")
count=${3:-1000000}
published=$((count / 10))
max_mib=48
work=$(mktemp -d)
processes=()
clean_up() {
  [[ ${#processes[@]} -eq 0 ]] || kill "${processes[@]}" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap clean_up EXIT

valid() { /usr/bin/env python3 "$here/hostile_ids.py" "$@"; }

# ---- To the end of a file: replay.
replay() { "$exporter" replay --log.level error "$@" - 2>>"$work/replay.out" || die "$(tail -n 3 "$work/replay.out")"; }
for input in log recording capture; do
  profile=(--broker.profile mosquitto)
  [[ $input != recording ]] || profile=(--broker.profile emqx)
  [[ $input != capture ]] || profile=(--replay.format packets)
  "$writer" "$input" "$count" | replay "${profile[@]}" --output jsonl | valid lines "$count"
  "$writer" "$input" "$count" | replay "${profile[@]}" --output table | valid table
  "$writer" "$input" "$count" | replay "${profile[@]}" --output prometheus >"$work/exposition"
  valid exposition <"$work/exposition"
  found=$(awk '/^mqtt_reason_(codes|closes_without_code)_total.*class="error"/ { sum += $2 } END { print sum }' "$work/exposition")
  [[ $found -eq $count ]] || die "replay of a $input: counted $found errors, not $count"
  say "replay of a $input: $count clients, each in JSON lines, none that breaks a table or the exposition"
done

# ---- While it is served.
port=$(free_port '')
mqtt_port=$(free_port $((port + 1)))
printf 'listener %s 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n' "$mqtt_port" >"$work/mosquitto.conf"
mosquitto -c "$work/mosquitto.conf" >"$work/mosquitto.out" 2>&1 &
processes+=("$!")
"$writer" log "$count" >"$work/broker.log"
cat >"$work/exporter.yaml" <<YAML
web: {listen_addresses: ["127.0.0.1:$port"]}
state: {dir: none}
log: {level: error}
clients: {remember: on, exemplars: true}
events: {file: "$work/events.jsonl", max_per_second: 1000000}
brokers:
  - {name: log, profile: mosquitto, sources: [{name: log, log: {path: "$work/broker.log", from: beginning}}]}
  - {name: events, profile: emqx, sources: [{name: mqtt, mqtt: {url: "mqtt://127.0.0.1:$mqtt_port", qos: 1}}]}
YAML
# Started by root, it would become a user that cannot write beside the other files.
user=()
[[ $(id -u) -ne 0 ]] || user=(--user root)
"$exporter" --config.file "$work/exporter.yaml" "${user[@]}" &
serving=$!
processes+=("$serving")
fetch() { curl -fsS --max-time 60 "$@"; }
metric() { fetch "http://127.0.0.1:$port/metrics" | awk -v name="$1" 'index($0, name) == 1 && /'"$2"'/ { sum += $2 } END { print sum + 0 }'; }
reaches() { [[ $(metric "$1" "$2") -ge $3 ]]; }
wait_for 30 reaches mqtt_reason_source_up 'broker="events"' 1 || die 'The exporter does not subscribe.'
# mosquitto_pub loses messages when it has used all 65535 packet identifiers.
"$writer" messages "$published" | split -l 20000 --filter="mosquitto_pub -h 127.0.0.1 -p $mqtt_port -V 5 -q 1 -t exporter/client_connack -l" -
wait_for 120 reaches mqtt_reason_closes_without_code_total 'broker="log".*class="error"' "$count" || die 'The exporter did not read the log.'
wait_for 120 reaches mqtt_reason_codes_total 'broker="events".*class="error"' "$published" || die 'The exporter did not receive all events.'

for path in '/api/v1/events?limit=1000' '/api/v1/clients?period=start' /api/v1/codes /api/v1/sources; do
  fetch "http://127.0.0.1:$port$path" | valid json
done
for path in / '/events?limit=1000' '/clients?period=start' '/clients?client=%3Cscript' /codes /runbook; do
  fetch "http://127.0.0.1:$port$path" | valid html
done
fetch "http://127.0.0.1:$port/metrics" | valid exposition
if fetch "http://127.0.0.1:$port/metrics" | grep -q 'meter-'; then die 'The text format has client ids.'; fi
fetch -H 'Accept: application/openmetrics-text;version=1.0.0' "http://127.0.0.1:$port/metrics" | valid exposition
written=$(metric mqtt_reason_event_lines_written_total .)
dropped=$(metric mqtt_reason_event_lines_dropped_total .)
[[ $((written + dropped)) -eq $((count + published)) ]] || die "$written event lines and $dropped dropped ones are not $((count + published))"
valid lines "$written" <"$work/events.jsonl"
peak=$(awk '$1 == "VmHWM:" { print int($2 / 1024) }' "/proc/$serving/status")
[[ $peak -lt $max_mib ]] || die "The exporter needed $peak MiB; $max_mib are allowed."
say "served: $count clients of a log and $published of MQTT events; $written event lines, $dropped dropped; peak $peak MiB"
