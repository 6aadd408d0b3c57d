#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# remember.sh EXPORTER LOG: what it costs to remember clients: CPU time and peak memory of the exporter that reads a
# Mosquitto log with clients.remember off and on. `hostile_ids log 1000000` writes one in which each line is an event of another client.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
exporter=$(realpath "$1")
log=$2
lines=$(wc -l <"$log")

port=$(free_port '')
fetch() { curl -fsS --max-time 60 "http://127.0.0.1:$port$1"; }
records() { fetch /metrics | awk '/^mqtt_reason_source_records_total/ { sum += $2 } END { printf "%d\n", sum }'; }
all_read() { [[ $(records) -ge $lines ]]; }
for remember in off on; do
  "$exporter" --log.path "$log" --log.from beginning --broker.profile mosquitto --web.listen-address "127.0.0.1:$port" \
    --state.dir none --log.level error --clients.remember "$remember" &
  process=$!
  wait_for 120 all_read || die 'The exporter did not read the log.'
  awk -v remember="$remember" -v ticks="$(getconf CLK_TCK)" -v lines="$lines" \
    '{ printf "remember %-3s  %.2f s of CPU for %d lines", remember, ($14 + $15) / ticks, lines }' "/proc/$process/stat"
  awk '$1 == "VmHWM:" { printf ", peak %.1f MiB\n", $2 / 1024 }' "/proc/$process/status"
  kill "$process"
  wait "$process" || true
done
