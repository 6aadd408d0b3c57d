#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What a capture needs. Without CAP_NET_RAW, or without libpcap, the exporter says what to do and still counts the log. With
# CAP_NET_RAW alone it captures. Started as root, it keeps no other right.
set -euo pipefail
# shellcheck source=tests/e2e/capture_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/capture_lib.sh"

need_root 'changing the user and its capabilities'
ONLY_NET_RAW=0000000000002000  # bit 13, linux/capability.h
nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)

# What nobody needs to see in this directory: the program, the broker's log, its own state.
chmod 711 "$work"
install -m 755 "$MRE_BINARY" "$work/exporter-of-all"
MRE_BINARY=$work/exporter-of-all
install -d -o nobody -g nogroup -m 700 "$STATE_DIRECTORY"

cat >"$work/exporter.yaml" <<YAML
brokers:
  - name: hall
    profile: mosquitto
    sources:
      - {name: log, log: {path: "$broker_log", from: beginning}}
      - {name: wire, capture: {interface: lo, ports: [$mqtt_port]}}
YAML
chmod 644 "$work/exporter.yaml"

# start_with_rights COMMAND...: which runs the exporter. Sets $exporter.
start_with_rights() {
  start exporter "$@" --web.listen-address="127.0.0.1:$http_port"
  exporter=$started
  wait_for "$PATIENCE" fetch /-/healthy || die 'The exporter does not serve.'
}

# capabilities SET: CapPrm or CapEff of the exporter.
capabilities() { awk -v set="$1:" '$1 == set { print $2 }' "/proc/$exporter/status"; }

start_mosquitto
chmod 644 "$broker_log"

start_with_rights "${nobody[@]}" --inh-caps=-all --bounding-set=-all "$MRE_BINARY" --config.file="$work/exporter.yaml"
expect 'the log is read without any right' 1 source_up source=log
check 'packets are not' 0 "$(source_up source=wire)"
publish_refused gate mqttv5 open/x 1 wrong
publish garden mqttv5 open/unheard 1
expect 'the log counts' 1 codes source=log packet=CONNACK code=0x87
expect 'everything that it shows' 1 codes source=log packet=PUBACK code=0x10
check_text 'the exporter says what is missing' 'CAP_NET_RAW' "$(cat "$work/exporter.out")"
check_text 'and what to do' 'AmbientCapabilities=CAP_NET_RAW.*--cap-add.*NET_RAW' "$(cat "$work/exporter.out")"
check 'it says so once' 1 "$(grep -c AmbientCapabilities "$work/exporter.out")"
check 'capabilities of it' 0000000000000000 "$(capabilities CapEff)"
stop "$exporter"

rm -rf "${STATE_DIRECTORY:?}"/*
: >"$work/libpcap.so.0.8"
start_with_rights env LD_LIBRARY_PATH="$work" "$MRE_BINARY" --sandbox=off --config.file="$work/exporter.yaml"
expect 'the log is read without libpcap' 1 source_up source=log
check 'packets are not' 0 "$(source_up source=wire)"
check_text 'the exporter says what is missing, and what to do' \
  'cannot capture on lo: .*libpcap.so.0.8: file too short: install the package libpcap0.8' "$(cat "$work/exporter.out")"
stop "$exporter"

rm -rf "${STATE_DIRECTORY:?}"/*
start_with_rights "${nobody[@]}" --inh-caps=-all,+net_raw --ambient-caps=-all,+net_raw --bounding-set=-all,+net_raw \
  "$MRE_BINARY" --capture.interface=lo --capture.ports="$mqtt_port"
expect 'packets are read with CAP_NET_RAW alone' 1 source_up
publish garden mqttv5 open/unheard 1
expect 'they are counted' 1 codes packet=PUBACK code=0x10
check 'capabilities of it' "$ONLY_NET_RAW" "$(capabilities CapEff)"
stop "$exporter"

rm -rf "${STATE_DIRECTORY:?}"
start_with_rights "$MRE_BINARY" --capture.interface=lo --capture.ports="$mqtt_port"
expect 'packets are read when started as root' 1 source_up
publish garden mqttv5 open/unheard 1
expect 'they are counted' 1 codes packet=PUBACK code=0x10
for set in CapEff CapPrm; do check "$set, started as root" "$ONLY_NET_RAW" "$(capabilities "$set")"; done
check 'CapInh, started as root' 0000000000000000 "$(capabilities CapInh)"
