#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SIGHUP applies a new configuration or changes nothing. Reloads of all kinds while a broker writes its log lose nothing, count
# nothing twice, and let no counter decrease.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
support=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../support")

DENIED=1500   # publications that the broker denies, over LASTING seconds
LASTING=15
config=$work/exporter.yaml

# hall OPTIONS: the broker that stays, of which the options of its log may change; events: one more source for it.
hall() {
  cat <<YAML
brokers:
  - name: hall
    profile: mosquitto
    sources:
      - {name: log, log: {path: "$broker_log"$1}}
YAML
}
events() {
  cat <<YAML
      - {name: events, mqtt: {url: "mqtt://127.0.0.1:$mqtt_port", username: exporter, password_file: "$work/exporter.password", qos: 0}}
YAML
}
annex() { printf '  - {name: annex, profile: mosquitto, sources: [{name: log, log: {path: %s}}]}\n' "$work/annex.log"; }

# The ways in which a configuration is right, by number.
valid() {
  case $(($1 % 6)) in
    0) hall '' ;;
    1) hall '' && annex ;;
    2) hall ', max_line_bytes: 70000' && annex ;;
    3) hall ', max_line_bytes: 70000' && events ;;
    4) hall '' && events && annex ;;
    5) hall '' && printf '    authority: {PUBACK: log}\n' ;;
  esac
}

# And wrong.
invalid() {
  case $(($1 % 5)) in
    0) hall '' | sed 's/profile:/profil:/' ;;
    1) hall '' | sed 's/mosquitto$/mosquito/' ;;
    2) hall '' && printf '    authority: {PUBREL: log}\n' ;;
    3) printf 'web: {telemetry_path: [' ;;
    4) hall '' && annex && annex ;;
  esac
}

reloads_logged() { grep -c 'SIGHUP: ' "$work/exporter.out" || true; }
# reload: with the present configuration file; returns when it is done.
reload() {
  local before
  before=$(reloads_logged)
  kill -HUP "$exporter"
  wait_for "$PATIENCE" eval "[[ \$(reloads_logged) -gt $before ]]" || failed 'SIGHUP' 'a line of the log' 'none'
}
successful() { counter mqtt_reason_config_last_reload_successful; }
read_at() { fetch /metrics | awk '/^mqtt_reason_config_last_reload_success_timestamp_seconds / { print $2 }'; }

# refuses WHAT REGEX: the configuration file is rejected, the log says why, and the previous configuration stays in use.
refuses() {
  local at series
  at=$(read_at)
  series=$(fetch /metrics | grep -c 'broker=')
  reload
  check_text "$1: logged" "level=error .*reload failed, keeping the previous configuration: $2" "$(tail -n 1 "$work/exporter.out")"
  check "$1: successful" 0 "$(successful)"
  check "$1: when it was read" "$at" "$(read_at)"
  check "$1: series" "$series" "$(fetch /metrics | grep -c 'broker=')"
}

# What cannot be taken.
start_mosquitto
: >"$work/annex.log"
valid 0 >"$config"
start_exporter --config.file="$config"
expect 'the log is there' 1 source_up
check 'at the start' 1 "$(successful)"
began=$(read_at)
for ((i = 0; i < 5; ++i)); do
  invalid "$i" >"$config"
  why=$("$MRE_BINARY" check config "$config" 2>&1 || true)
  why=${why#mqtt-reason-exporter: }
  logged=${why//\"/\\\"}
  refuses "wrong in way $i" '.*'
  [[ $(tail -n 1 "$work/exporter.out") == *"$logged"* ]] || failed "wrong in way $i" "$logged" "$(tail -n 1 "$work/exporter.out")"
done
for section in 'web: {telemetry_path: /other}' 'log: {format: json}' 'state: {counters: off}'; do
  { printf '%s\n' "$section" && hall ''; } >"$config"
  refuses "$section" "$config: .*which needs a restart: restart"
done
{ hall '' && printf '  - {name: wire, sources: [{name: packets, capture: {}}]}\n'; } >"$config"
refuses 'a first capture' "$config:6:5: the capture of .*dropped CAP_NET_RAW: restart it"
rm "$config"
refuses 'no file' "$config: cannot read the configuration file"
valid 1 >"$config"
reload
check 'a good one: successful' 1 "$(successful)"
[[ $(read_at) != "$began" ]] || failed 'a good one' 'a later time' "$began"
expect 'a good one: brokers' 2 source_up
kill -HUP "$exporter"
kill -TERM "$exporter"
status=0
wait "$exporter" || status=$?
check 'SIGTERM behind SIGHUP: exit code' 0 "$status"

# pace: DENIED lines, evenly over LASTING seconds.
pace() {
  local i
  for ((i = 1; i <= DENIED; ++i)); do
    printf '1700000001: Sending CONNACK to 192.0.2.2 (0, 135)\n'
    [[ $((i % 10)) -ne 0 ]] || sleep "$(awk "BEGIN { print $LASTING * 10 / $DENIED }")"
  done
}
deny() {
  mosquitto_pub -h 127.0.0.1 -p "$mqtt_port" -i "writer-$1" -V 5 -u client -P "$PASSWORD" -t denied -q 1 -l >>"$work/clients.out" 2>&1
}

# storm STATE-DIR: nothing is lost, nothing counts twice, and no counter goes down, with this state directory or none.
storm() {
  local writers=() writer watch watch_in reloads=0 status=0
  : >"$work/annex.log"
  valid 1 >"$config"
  start_exporter --config.file="$config" --state.dir="$1"
  expect "state $1: both logs are there" 2 source_up
  coproc WATCH { "$support/never_down.py" "$url/metrics" 'broker="hall",source="log"' >"$work/watch.out" 2>&1; }
  # shellcheck disable=SC2153
  watch=$WATCH_PID watch_in=${WATCH[1]}
  pace | deny "${1##*/}" &
  writers+=("$!")
  pace >>"$work/annex.log" &
  writers+=("$!")
  for writer in "${writers[@]}"; do
    while kill -0 "$writer" 2>/dev/null; do
      reloads=$((reloads + 1))
      if [[ $((reloads % 4)) -eq 0 ]]; then invalid "$reloads" >"$config"; else valid "$reloads" >"$config"; fi
      [[ $((reloads % 7)) -ne 0 ]] || kill -HUP "$exporter" # one more, that may come while the other is at work
      reload
    done
    wait "$writer" || failed "state $1: a writer" 'exit code 0' "$(tail -n 3 "$work/clients.out")"
  done
  valid 1 >"$config"
  reload
  expect "state $1: denied by hall" "$DENIED" codes broker=hall packet=PUBACK code=0x87
  if [[ $1 != none ]]; then expect "state $1: refused by annex" "$DENIED" codes broker=annex packet=CONNACK code=0x87; fi
  check "state $1: successful at the end" 1 "$(successful)"
  exec {watch_in}>&-
  wait "$watch" || status=$?
  check "state $1: what went down in $(tail -n 1 "$work/watch.out")" 0 "$status"
  [[ $reloads -ge 20 ]] || failed "state $1: reloads" '20 or more' "$reloads"
  stop "$exporter"
  printf 'ok     state %s: %s reloads\n' "$1" "$reloads"
}
storm "$work/kept"
storm none

# Flags alone: nothing to read again.
start_exporter --log.path="$broker_log" --broker.profile=mosquitto --state.dir=none
reload
check_text 'flags alone: logged' 'level=warn .*SIGHUP: .*reload ignored: .*without --config.file' "$(tail -n 1 "$work/exporter.out")"
check 'flags alone: successful' 1 "$(successful)"
expect 'flags alone: it continues' 1 source_up

# With flags alone, SIGHUP still opens the file for event lines again, and nothing is ignored then.
stop "$exporter"
mkdir -m 777 "$work/lines"
start_exporter --log.path="$broker_log" --broker.profile=mosquitto --state.dir=none --events.file="$work/lines/events.jsonl"
mv "$work/lines/events.jsonl" "$work/lines/events.1"
kill -HUP "$exporter"
expect_success 'event lines: the file is there again' test -e "$work/lines/events.jsonl"
expect 'event lines: the source is up' 1 source_up
check_text 'event lines: logged' 'level=info .*SIGHUP: opened the file for event lines again' "$(cat "$work/exporter.out")"
check 'event lines: nothing more was ignored' 1 "$(grep -c 'reload ignored' "$work/exporter.out")"
