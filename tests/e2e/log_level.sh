#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Only records prove what a log shows: at Mosquitto's default level PUBACK is not visible, and page and log say what to set.
# The broker's log level is raised and lowered while the exporter runs.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

observable() { counter mqtt_reason_observable packet="$1" direction="$2"; }
denials() { counter mqtt_reason_denials_without_code_total action=publish; }
said() { grep -c -- "$1" "$work/exporter.out" || true; }
is_said() { grep -q -- "$1" "$work/exporter.out"; }
page_has() { fetch / | grep -q -- "$1"; }
page_lacks() { ! page_has "$1"; }
advice='do not show PUBACK sent.* To see more, set: .*log_type debug'
# set_log_types TYPE...: the broker reads its configuration again.
set_log_types() {
  sed -i '/^log_type/d' "$work/mosquitto.conf"
  printf 'log_type %s\n' "$@" >>"$work/mosquitto.conf"
  kill -HUP "$broker"
}

prepare_mosquitto
sed -i '/^log_type debug/d' "$work/mosquitto.conf"
start_exporter --broker.profile=mosquitto --log.path="$broker_log"
start_mosquitto
expect 'before a client came: CONNACK can be seen' 1 observable CONNACK sent
publish kitchen mqttv5 open/x 1
publish_refused burglar mqttv311 secret/x 1
expect 'two connects by their words' 2 codes packet=CONNACK code=0x00
for packet in PUBACK PUBREC SUBACK AUTH; do check "$packet is not visible" 0 "$(observable "$packet" sent)"; done
check 'nor are denied publishes' 0 "$(observable PUBLISH received)"
check 'a 0 that is no all-clear' 0 "$(denials)"
expect_success 'the page says what to set' page_has "$advice"
expect_success 'and so does the log' is_said "$advice"

set_log_types all
expect_success 'the broker reads its configuration' grep -q 'Reloading config' "$broker_log"
publish kitchen mqttv5 open/x 1
publish_refused burglar mqttv311 secret/x 1
expect 'PUBACK can be seen' 1 observable PUBACK sent
expect 'and denied publishes' 1 observable PUBLISH received
expect 'a publish that is denied, and no code says so' 1 denials
check 'it is no code, too' 0 "$(codes packet=PUBACK code=0x87)"
timeout 30 mosquitto_sub -h 127.0.0.1 -p "$mqtt_port" -i ear -V mqttv5 -u client -P "$PASSWORD" -t open/y -E >>"$work/clients.out" 2>&1
expect 'SUBACK can be seen' 1 observable SUBACK sent
expect_success 'the advice is gone from the page' page_lacks 'To see more'
expect_success 'the log says that more is shown' is_said 'the records now show .*PUBACK sent'
publish_refused burglar mqttv5 secret/x 1
expect 'where a code says so' 1 codes packet=PUBACK code=0x87
check 'it is no denial, too' 1 "$(denials)"

stop "$exporter"
rm "$work/exporter.out"
start_exporter --broker.profile=mosquitto --log.path="$broker_log"
check 'a restart knows what is visible' 1 "$(observable PUBACK sent)"
check 'and counts on' 1 "$(denials)"
set_log_types error warning notice information
publish kitchen mqttv5 open/x 1
expect 'less is written: PUBACK is not visible' 0 observable PUBACK sent
expect_success 'the page says again what to set' page_has "$advice"
expect_success 'and the log' is_said "$advice"
check 'once' 1 "$(said "$advice")"
