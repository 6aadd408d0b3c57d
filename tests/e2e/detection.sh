#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Without --broker.profile the exporter detects the broker from a log, from standard input and over MQTT. It logs the result,
# and counts the records that it detected the broker from once.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Copies, because an exporter in a container sees only $work.
recordings=(mosquitto/mosquitto-2.0.11.log rabbitmq/rabbitmq-3.10-debug.log flashmq/flashmq-1.26.2.log)
testdata=$work/testdata
mkdir "$testdata"
(cd "$(dirname "${BASH_SOURCE[0]}")/../testdata" && cp --parents "${recordings[@]}" mosquitto/mosquitto-2.0.11-default.log emqx/emqx-4.4.19.jsonl "$testdata")
said() { cat "$work/exporter.out"; }
count_said() { grep -c -- "$1" "$work/exporter.out" || true; }
is_said() { grep -Eq -- "$1" "$work/exporter.out"; }
stop_exporter() {
  stop "$exporter"
  rm -r "$work/exporter.out" "$STATE_DIRECTORY"
}
reasons() { grep -E '^mqtt_reason_(codes|closes_without_code)_total\{' | grep -v ' 0$' | sort; }
records() { counter mqtt_reason_source_records_total; }

# ---- A log that is not there yet: every line of it is used for detection and counted.
start_exporter --log.path="$broker_log"
check_text 'what it waits for' 'source log: reads .*mosquitto.log; its first records choose the profile from: .*mosquitto' "$(said)"
expect 'a source without a profile is down' 0 source_up broker=auto source=log
check 'no series of codes before the profile is known' none "$(codes broker=auto)"
check_text 'the page says so' '>auto<' "$(fetch /)"
start_mosquitto
expect_success 'the profile is detected from the log' is_said 'broker mosquitto: profile mosquitto, because in source log [0-9]+ of [0-9]+ records are its own, no other profile knows any'
repeat 3 publish_refused gate mqttv5 open/x 1 wrong
expect 'CONNACK 0x87 from the log' 3 codes broker=mosquitto source=log packet=CONNACK code=0x87
whole_log_is_read() { [[ $(records) == "$(wc -l <"$broker_log")" ]]; }
expect_success 'every line from the first on is a record, none twice' whole_log_is_read
expect_success 'the envelope is detected' is_said 'source log: envelope of the lines: plain'
check 'the source without a profile is gone' none "$(source_up broker=auto)"
check 'its choice is said once' 1 "$(count_said ': profile mosquitto, because')"

# ---- Restarted, it keeps the profile, and the counters continue.
stop "$exporter"
rm "$work/exporter.out"
start_exporter --log.path="$broker_log"
check_text 'the choice is stored' 'broker mosquitto: profile mosquitto, which was detected before the restart' "$(said)"
check 'the counters continue' 3 "$(codes broker=mosquitto source=log packet=CONNACK code=0x87)"
expect_success 'and nothing is read twice' whole_log_is_read
stop_exporter

# ---- A log that is silent: its earlier lines are used for detection and not counted.
start_exporter --log.path="$broker_log"
expect_success 'the profile is detected from the earlier lines' is_said 'profile mosquitto, because in source log'
expect 'series exist from the start' 0 codes broker=mosquitto packet=CONNACK code=0x87 protocol=5.0 evidence=explicit
check 'no earlier line is counted' 0 "$(records)"
publish_refused gate mqttv5 open/x 1 wrong
expect 'what comes is counted' 1 codes packet=CONNACK code=0x87
stop_exporter

# ---- Over MQTT: what came before the profile was known is counted, too. At the default level the broker's log has
# two lines or more for each client that connects, and one for a refused one.
start_exporter --mqtt.url="mqtt://127.0.0.1:$mqtt_port" --mqtt.username=exporter --mqtt.password-file="$work/exporter.password"
expect 'subscribed before the profile is known' 1 source_up broker=auto source=mqtt
repeat 4 publish_refused gate mqttv5 open/x 1 wrong
repeat 2 publish kitchen mqttv311 open/x 0
expect_success 'the profile is detected from the events' is_said 'broker mosquitto: profile mosquitto, because in source mqtt'
expect 'CONNACK 0x87 from the events' 4 codes broker=mosquitto source=mqtt packet=CONNACK code=0x87 evidence=inferred
expect 'ends from the events' 2 closes protocol=3.1.1 reason=normal_disconnection
expect_success 'it continues with the topics of the profile' is_said 'source mqtt: subscribed to 1 topic filter at '
publish_refused gate mqttv5 open/x 1 wrong
expect 'one more' 5 codes packet=CONNACK code=0x87
check 'one connection for all of it' 1 "$(counter mqtt_reason_source_connects_total)"
stop_exporter
stop "$broker"

# ---- Standard input and recordings: the same counts as with the profile named, also when the first line is half.
# serve_input FILE: the exporter reads it from a pipe that stays open.
serve_input() {
  # shellcheck disable=SC2016
  start exporter bash -c '(cat "$1"; exec sleep 600) | "$2" --log.path=- --web.listen-address="127.0.0.1:$3"' \
    pipe "$1" "$MRE_BINARY" "$http_port"
  exporter=$started
  wait_for "$PATIENCE" fetch /-/healthy || die 'The exporter does not serve.'
}
for recording in "${recordings[@]}"; do
  profile=${recording%%/*}
  tail -c +20 "$testdata/$recording" >"$work/half.input"
  for input in "$testdata/$recording" "$work/half.input"; do
    name="$profile, ${input##*/}"
    "$MRE_BINARY" replay --broker.profile="$profile" "$input" 2>"$work/named.out" | reasons >"$work/named"
    "$MRE_BINARY" replay "$input" 2>"$work/detected.out" | reasons >"$work/detected"
    check_text "$name: replay detects it" "^profile $profile, because in source log" "$(cat "$work/detected.out")"
    cmp "$work/named" "$work/detected" || failed "$name: replay" 'the same counts' 'others'
    serve_input "$input"
    expect "$name: every line from standard input is a record" "$(wc -l <"$input")" records
    counted_the_same() { fetch /metrics | reasons | cmp -s - "$work/named"; }
    expect_success "$name: and counted the same" counted_the_same
    stop_exporter
  done
done
"$MRE_BINARY" replay "$testdata/emqx/emqx-4.4.19.jsonl" >"$work/detected" 2>"$work/detected.out"
check_text 'recorded events are detected' '^profile emqx, because in source mqtt' "$(cat "$work/detected.out")"
check 'recorded events: records' "$(wc -l <"$testdata/emqx/emqx-4.4.19.jsonl")" "$(sum_of mqtt_reason_source_records_total <"$work/detected")"

# ---- What keeps it from choosing is one warning for each change, at once. So it is with a profile that is named.
warnings() { grep -c 'level=warn.*broker auto, source ' "$work/exporter.out" || true; }
expect_warning() { # WHAT REGEX
  expect_success "$1" is_said "level=warn.*broker auto, source $2"
  check "$1: one warning" 1 "$(warnings)"
}
start_exporter --log.path="$work/none.log"
expect_warning 'no log' 'log: waiting for .*none.log: No such file'
stop_exporter
start_exporter --mqtt.url="mqtt://127.0.0.1:$mqtt_port"
expect_warning 'no broker' 'mqtt: cannot connect to .*: no answer'
stop_exporter
start_mosquitto
printf 'wrong' >"$work/wrong.password"
start_exporter --mqtt.url="mqtt://127.0.0.1:$mqtt_port" --mqtt.username=exporter --mqtt.password-file="$work/wrong.password"
expect_warning 'a wrong password' 'mqtt: .*refused the connection: Not authorized'
stop_exporter
start_exporter --mqtt.url="mqtt://127.0.0.1:$mqtt_port" --mqtt.username=exporter --mqtt.password-file="$work/none.password"
expect_warning 'no file with the password' 'mqtt: password_file .*none.password: No such file'
stop_exporter
cp "$work/exporter.password" "$work/open.password"
chmod 644 "$work/open.password"
start_exporter --mqtt.url="mqtt://127.0.0.1:$mqtt_port" --mqtt.username=exporter --mqtt.password-file="$work/open.password"
expect_warning 'a file with the password that all can read' 'mqtt: password_file .*open.password: others may read'
stop_exporter
stop "$broker"

# ---- What no profile knows: it serves, says once what to do, and continues to search.
for ((i = 0; i < 1200; ++i)); do printf '22 Nov 10:00:00 somebroker: client %d came\n' "$i"; done >"$work/unknown.input"
cat "$testdata/mosquitto/mosquitto-2.0.11-default.log" >"$work/later.input"
mkfifo "$work/log.fifo"
start_exporter --log.path="$work/log.fifo"
cat "$work/unknown.input" >"$work/log.fifo"
expect_success 'it says what to do' is_said 'cannot detect the profile from the records so far: name the kind of broker .--broker.profile, .*replay --explain'
check 'it serves meanwhile' 1 "$(source_up broker=auto)"
cat "$work/later.input" >"$work/log.fifo"
expect_success 'it continued to search' is_said 'broker mosquitto: profile mosquitto, because'
expect 'nothing was lost meanwhile' "$(cat "$work"/{unknown,later}.input | wc -l)" records
check 'the advice is given once' 1 "$(count_said 'cannot detect the profile')"
stop_exporter
status=0
"$MRE_BINARY" replay "$work/unknown.input" >"$work/detected" 2>"$work/detected.out" || status=$?
check 'replay of it: exit code' 2 "$status"
check_text 'replay of it says why' 'cannot detect the broker: .*no profile knows any' "$(cat "$work/detected.out")"
