#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `replay` of a log gives the counts of `serve` of the same log. It also reads what mosquitto_sub records.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

testdata=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../testdata")
replay() { timeout 60 "$MRE_BINARY" replay --broker.profile=mosquitto "$@" 2>"$work/summary.out"; }
# The series of reasons in an exposition on standard input, without those that are 0.
reasons() { grep -E '^mqtt_reason_(codes|closes_without_code)_total\{' | grep -v ' 0$'; }

for log in "$testdata"/mosquitto/*.log; do
  name=$(basename "$log")
  replay "$log" >"$work/replayed"
  lines=$(wc -l <"$log")
  check "$name: records" "$lines" "$(sum_of mqtt_reason_source_records_total <"$work/replayed")"
  check_text "$name: summary" "^$lines records: [0-9]+ matched, [0-9]+ ignored, [0-9]+ unrecognised( \([^)]*\))?, [0-9]+ malformed" "$(cat "$work/summary.out")"
  start_exporter --broker.profile=mosquitto --log.path="$log" --log.from=beginning
  expect "$name: records read by serve" "$lines" counter mqtt_reason_source_records_total
  served() { fetch /metrics | reasons | cmp -s - <(reasons <"$work/replayed"); }
  expect_success "$name: $(reasons <"$work/replayed" | wc -l) series are the same as in serve" served
  stop "$exporter"
  check "$name: --explain prints each record once" "$lines" "$(replay --explain "$log" | grep -Ec '^(matched|ignored|unrecognised|malformed) ')"
done
promtool check metrics <"$work/replayed" >"$work/promtool.out" 2>&1 || failed 'promtool check metrics' 'no findings' "$(cat "$work/promtool.out")"
check 'findings of promtool in what replay prints' '' "$(cat "$work/promtool.out")"

# A recording of the events.
start_mosquitto
listen() { mosquitto_sub -h 127.0.0.1 -p "$mqtt_port" -i recorder -V 5 -u exporter -P "$PASSWORD" -F %j -t "\$SYS/broker/log/+"; }
export -f listen
export mqtt_port PASSWORD
start recording bash -c listen
wait_for "$PATIENCE" grep -q 'Sending SUBACK to recorder' "$broker_log" || die 'The recorder is not subscribed.'
repeat 3 publish_refused gate mqttv5 open/x 1 wrong
repeat 2 publish kitchen mqttv311 open/x 0
heard() { grep -c "$1" "$work/recording.out"; }
expect 'refusals in the recording' 3 heard 'disconnected, not authorised'
expect 'ends in the recording' 2 heard 'Client kitchen disconnected'
stop "$started"
replay "$work/recording.out" >"$work/replayed"
check 'a recording: CONNACK 0x87' 3 "$(sum_of mqtt_reason_codes_total packet=CONNACK code=0x87 evidence=inferred source=mqtt <"$work/replayed")"
check 'a recording: CONNACK 0x00 to 3.1.1' 2 "$(sum_of mqtt_reason_codes_total packet=CONNACK code=0x00 protocol=3.1.1 <"$work/replayed")"
check 'a recording: 3.1.1 clients that said good-bye' 2 \
  "$(sum_of mqtt_reason_closes_without_code_total protocol=3.1.1 reason=normal_disconnection <"$work/replayed")"
check 'a recording from standard input' "$(reasons <"$work/replayed")" "$(replay - <"$work/recording.out" | reasons)"
check 'a recording: --explain --only error' "$(replay --explain "$work/recording.out" | grep -c '^ *CONNACK sent unknown 0x87')" \
  "$(replay --explain --only error "$work/recording.out" | grep -c '^ *CONNACK sent unknown 0x87')"
check 'a recording: --since after its end' 0 "$(replay --since="$(date -d '1 hour' -u +%FT%TZ)" "$work/recording.out" | reasons | wc -l)"
check_text 'a recording: --explain' '^ *CONNACK sent unknown 0x87 inferred' "$(replay --explain "$work/recording.out")"
replay "$broker_log" >"$work/replayed"
check 'the log of the same time: CONNACK 0x87' 3 "$(sum_of mqtt_reason_codes_total packet=CONNACK code=0x87 evidence=explicit <"$work/replayed")"

# exit_of ARGUMENT...
exit_of() { timeout 20 "$MRE_BINARY" "$@" >/dev/null 2>&1 </dev/null && echo 0 || echo $?; }
check 'exit code' 0 "$(exit_of replay --broker.profile=mosquitto "$broker_log")"
check 'exit code without such a file' 2 "$(exit_of replay --broker.profile=mosquitto "$work/absent.log")"
check 'exit code without a profile, which is detected from the log' 0 "$(exit_of replay "$broker_log")"
check 'exit code of an unknown profile' 2 "$(exit_of replay --broker.profile=mosquito "$broker_log")"
check 'exit code without a file' 2 "$(exit_of replay --broker.profile=mosquitto)"
check_text 'a log under the wrong profile is reported' 'check --broker.profile' "$("$MRE_BINARY" replay --broker.profile=nanomq --replay.format=events "$broker_log" 2>&1 >/dev/null)"
