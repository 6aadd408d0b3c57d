#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A real broker's log is followed through every kind of rotation, and every event is counted once.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

unheard() { codes packet=PUBACK direction=sent protocol=5.0 code=0x10; }
refused() { codes packet=CONNACK direction=sent code=0x87; }
rotations() { counter mqtt_reason_log_rotations_total kind="$1"; }

# burst WHAT: three more of one kind, one more of another; all of them are counted.
published=0
bursts=0
burst() {
  repeat 3 publish sensor mqttv5 open/unheard 1
  publish_refused gate mqttv5 open/x 1 wrong
  published=$((published + 3))
  bursts=$((bursts + 1))
  expect "$1: PUBACK 0x10" "$published" unheard
  expect "$1: CONNACK 0x87" "$bursts" refused
}

# The broker reopens its log.
reopen() {
  kill -HUP "$broker"
  expect_success 'the broker writes under the name again' writes_to_log
}
writes_to_log() {
  local fd
  for fd in "/proc/$broker/fd/"*; do
    [[ ! $fd -ef $broker_log ]] || return 0
  done
  return 1
}

start_exporter --broker.profile=mosquitto --log.path="$broker_log"
expect 'no log yet' 0 source_up
start_mosquitto
expect 'the log is there' 1 source_up
burst 'a log that was missing at the start'

mv "$broker_log" "$broker_log.1"
burst 'renamed, and still written to'
reopen
burst 'renamed, then reopened'
expect 'rotations by a new name' 1 rotations rename

mv "$broker_log" "$broker_log.2"
install -m 600 /dev/null "$broker_log"
burst 'the new file is there, the old one still written to'
reopen
burst 'the new file is there, then reopened'
expect 'rotations by a new name' 2 rotations rename

# Without a look in between: what is in the old file, and what is in the new one.
kill -STOP "$(exporter_process)"
repeat 2 publish sensor mqttv5 open/unheard 1
mv "$broker_log" "$broker_log.3"
repeat 2 publish sensor mqttv5 open/unheard 1
reopen
repeat 2 publish sensor mqttv5 open/unheard 1
kill -CONT "$(exporter_process)"
published=$((published + 6))
burst 'rotated while the exporter was stopped'
expect 'rotations by a new name' 3 rotations rename

cp "$broker_log" "$broker_log.4"
: >"$broker_log"
expect 'copytruncate is seen' 1 rotations truncate
burst 'copytruncate'

rm "$broker_log"
burst 'deleted, and still written to'
reopen
burst 'deleted, then reopened'
expect 'the log is open' 1 source_up

check 'bytes lost' 0 "$(counter mqtt_reason_log_lost_bytes_total)"
expect 'bytes not read' 0 counter mqtt_reason_log_lag_bytes
check 'records of no known kind' 0 "$(counter mqtt_reason_source_records_total outcome=unrecognised)"
stop "$exporter"

# A log that may not be read for a while. Root may read everything, so root tries it as nobody, unless MRE_BINARY is a script
# that starts the exporter without root's rights.
reader=("$MRE_BINARY")
secret=$work/read/secret.log
mkdir -m 755 "$work/read"
if [[ $(id -u) -eq 0 && $(head -c 4 "$MRE_BINARY") == *ELF ]]; then
  chmod 711 "$work"
  install -m 755 "$MRE_BINARY" "$work/read/exporter"
  reader=(setpriv --reuid=65534 --regid=65534 --clear-groups "$work/read/exporter")
fi
echo '1795322239: Sending CONNACK to 127.0.0.1 (0, 135)' >"$secret"
chmod 000 "$secret"
start reader "${reader[@]}" --broker.profile=mosquitto --log.path="$secret" --log.from=beginning \
  --state.dir=none --web.listen-address="127.0.0.1:$http_port"
expect 'a log that may not be read' 0 source_up
check_text 'the exporter says why' 'level=warn .*secret.log.*[Pp]ermission' "$(cat "$work/reader.out")"
chmod 644 "$secret"
expect 'a log that may be read' 1 source_up
expect 'what was in it' 1 refused
check 'said why' 1 "$(grep -c '[Pp]ermission' "$work/reader.out")"
