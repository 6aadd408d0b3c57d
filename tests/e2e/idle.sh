#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# While the broker writes nothing, the threads of the exporter together wake at most once a second, to scan the log. A new
# line, a due checkpoint and a reload are still noticed.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cat >"$work/exporter.yaml" <<YAML
brokers:
  - name: hall
    profile: mosquitto
    sources: [{name: log, log: {path: "$broker_log"}}]
YAML
: >"$broker_log"
start_exporter --config.file="$work/exporter.yaml"
expect 'the log is followed' 1 source_up

# How often the threads of the exporter have waited.
waits() { awk '$1 == "voluntary_ctxt_switches:" { sum += $2 } END { print sum }' "/proc/$process/task/"*/status; }
process=$(exporter_process)
before=$(waits)
sleep 10 # what is measured: 10 seconds in which nothing happens
woken=$(($(waits) - before))
[[ $woken -le 15 ]] || failed 'waits of all threads in 10 s' 'at most 15' "$woken"
printf 'ok     waits of all threads in 10 s: at most 15\n'

printf '1700000000: New client connected from 127.0.0.1:1 as a (p5, c1, k60).\n1700000000: Sending CONNACK to a (0, 135)\n' >>"$broker_log"
expect 'a code in the log' 1 codes 'code=0x87'
checkpoints() { fetch /metrics | sed -n 's/^mqtt_reason_checkpoint_durable{.*} //p'; }
expect 'its checkpoint is on disk' 1 checkpoints
kill -HUP "$process"
expect_success 'a reload' grep -q 'SIGHUP' "$work/exporter.out"
