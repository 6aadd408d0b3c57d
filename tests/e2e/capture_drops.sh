#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An exporter that is stopped while more frames pass than the kernel buffers counts the dropped frames. Afterwards it counts
# exactly again.
set -euo pipefail
# shellcheck source=tests/e2e/capture_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/capture_lib.sh"

need_root 'capturing packets'
cat >"$work/exporter.yaml" <<YAML
brokers:
  - name: hall
    sources:
      - {name: wire, capture: {interface: lo, ports: [$mqtt_port], buffer_bytes: 1048576}}
YAML
prepare_capture_broker "listener $mqtt_port 127.0.0.1"
start_mosquitto
start_exporter --config.file="$work/exporter.yaml"
expect 'packets are captured' 1 source_up

dropped() { counter mqtt_reason_capture_frames_dropped_total by=kernel; }
has_dropped() { [[ $(dropped) -gt 0 ]]; }
not_compared='^END '  # an end of which a part was not seen is one that none can know

kill -STOP "$(exporter_process)"
play flood --broker "127.0.0.1:$mqtt_port" --connections 2000 --without wrong-password unknown-user
kill -CONT "$(exporter_process)"
expect_success 'frames that were not seen are counted' has_dropped
printf 'ok     of the flood: %s frames dropped\n' "$(dropped)"

# Frames come in order: when a refusal is counted, what came through of the flood is.
refused() { codes packet=CONNACK code=0x87; }
publish_refused gate mqttv5 open/x 1 e2e-wrong
expect 'a refusal after the flood' 1 refused
served_rows >"$work/served-before.rows"
play after --broker "127.0.0.1:$mqtt_port" --connections 500
sum_rows "$work/served-before.rows" "$work/after.rows" >"$work/sum.rows"
grep -v "$not_compared" "$work/sum.rows" >"$work/codes.rows"
expect_rows 'what comes afterwards is counted' "$work/codes.rows"
