#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The exporter reads a real broker's log and subscribes to its events at the same time. It must count exactly the number of
# each reason code that the clients caused.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# subscribe_once ID VERSION: subscribes to open/heard at QoS 1, and ends by itself after one message.
subscribe_once() {
  start "$1" mosquitto_sub -h 127.0.0.1 -p "$mqtt_port" -i "$1" -V "$2" -u client -P "$PASSWORD" -t open/heard -q 1 -C 1
  wait_for "$PATIENCE" grep -q "Sending SUBACK to $1\$" "$broker_log" || die "$1 is not subscribed."
}

# Connects, asks to be watched with a keep alive of one second, and says nothing more.
# fall_silent ID VERSION-BYTE PROPERTIES
fall_silent() {
  local id=$1 body
  body="\\x00\\x04MQTT\\x$2\\xc2\\x00\\x01$3$(field "$id")$(field client)$(field "$PASSWORD")"
  local bytes
  bytes=$(printf '%b' "$body" | wc -c)
  # shellcheck disable=SC2016
  start "$id" bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1"; printf "$2" >&3; cat <&3' silent "$mqtt_port" \
    "\\x10\\x$(printf '%02x' "$bytes")$body"
}
field() { printf '\\x00\\x%02x%s' "${#1}" "$1"; }

start_mosquitto
start_exporter --config.file="$(hall_config)"
expect 'the log is read and the events are subscribed to' 2 source_up broker=hall

repeat 3 publish_refused gate mqttv5 open/x 1 wrong   # CONNACK 0x87
repeat 2 publish_refused hatch mqttv311 open/x 1 wrong # CONNACK 0x05
repeat 4 publish garden mqttv5 open/unheard 1         # PUBACK 0x10
repeat 2 publish_refused shed mqttv5 closed/x 1       # PUBACK 0x87
repeat 2 publish barn mqttv311 closed/x 1             # a denial that a 3.1.1 client gets no code for
repeat 1 publish_refused cellar mqttv5 closed/x 2     # PUBREC 0x87
subscribe_once display mqttv5
publish kitchen mqttv5 open/heard 1                   # PUBACK 0x00, sent and received
subscribe_once old-display mqttv311
publish old-kitchen mqttv311 open/heard 1             # PUBACKs without a code
fall_silent old-meter 04 ''
fall_silent meter 05 "\\x00"

v5_clients=$((4 + 2 + 1 + 1 + 1 + 1)) # garden, shed, cellar, display, kitchen, meter
v311_disconnects=$((2 + 1 + 1))       # barn, old-display, old-kitchen
v311_clients=$((v311_disconnects + 1)) # and old-meter

connected() { codes packet=CONNACK code=0x00 class=success protocol="$1"; }

expect 'a 3.1.1 client that fell silent' 1 closes protocol=3.1.1 reason=keep_alive_timeout initiator=broker class=error
expect 'a 5.0 client that fell silent gets no code either' 1 closes protocol=5.0 reason=keep_alive_timeout class=error
expect 'CONNACK 0x87' 3 codes packet=CONNACK direction=sent protocol=5.0 code=0x87 reason=not_authorized evidence=explicit
expect 'CONNACK 0x05' 2 codes packet=CONNACK direction=sent code=0x05 reason=not_authorized evidence=explicit
expect 'CONNACK 0x00 to 5.0, with the exporter' "$((v5_clients + 1))" connected 5.0
expect 'CONNACK 0x00 to 3.1.1' "$v311_clients" connected 3.1.1
expect 'CONNACK 0x00 to clients of no known version' 0 connected unknown
expect 'PUBACK 0x10 sent' 4 codes packet=PUBACK direction=sent protocol=5.0 code=0x10 class=informational
expect 'PUBACK 0x87 sent' 2 codes packet=PUBACK direction=sent protocol=5.0 code=0x87 class=error
expect 'PUBREC 0x87 sent' 1 codes packet=PUBREC direction=sent protocol=5.0 code=0x87 class=error
expect 'PUBACK 0x00 sent' 1 codes packet=PUBACK direction=sent protocol=5.0 code=0x00 class=success
expect 'PUBACK 0x00 received' 1 codes packet=PUBACK direction=received protocol=5.0 code=0x00 class=success
expect '3.1.1 clients that said good-bye' "$v311_disconnects" closes protocol=3.1.1 reason=normal_disconnection class=success
expect 'refused clients, as seen in the events' 5 shadow_codes source=events packet=CONNACK code=0x87 evidence=inferred

# One more event of a known kind has come through: whatever had to come before it has come.
publish_refused gate mqttv5 open/x 1 wrong
expect 'one more CONNACK 0x87' 4 codes packet=CONNACK code=0x87
expect 'one more, as seen in the events' 6 shadow_codes source=events code=0x87
fetch /metrics >"$work/metrics"
total() { sum_of "$@" <"$work/metrics"; }
check 'errors, with nothing counted twice' $((4 + 2 + 2 + 1)) "$(total mqtt_reason_codes_total class=error)"
check 'errors counted from the events' none "$(total mqtt_reason_codes_total source=events class=error)"
check 'PUBACK 0x10 as an error' none "$(total mqtt_reason_codes_total packet=PUBACK code=0x10 class=error)"
check 'PUBACK and PUBREC, all of them' $((4 + 2 + 1 + 1)) \
  "$(($(total mqtt_reason_codes_total packet=PUBACK direction=sent) + $(total mqtt_reason_codes_total packet=PUBREC)))"
check 'PUBACK to clients of 3.1.1' none "$(total mqtt_reason_codes_total packet=PUBACK protocol=3.1.1)"
check 'PUBACK to clients of no known version' 0 "$(total mqtt_reason_codes_total packet=PUBACK protocol=unknown)"
check 'ends without a code' "$((v311_disconnects + 2))" "$(total mqtt_reason_closes_without_code_total)"
check 'malformed records' 0 "$(total mqtt_reason_source_records_total outcome=malformed)"
check 'records of no known kind' 0 "$(total mqtt_reason_source_records_total outcome=unrecognised)"
