#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# remember.sh EXPORTER [LOG]: what it costs to remember clients: CPU time and peak memory of the exporter that reads a
# log with clients.remember off and on. LOG is a Mosquitto log; else a million ends of as many clients with hostile ids.
# Checks that pages and JSON stay valid.
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
exporter=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=${2:-$work/ids.log}

[[ -n ${2:-} ]] || python3 - >"$log" <<'PYTHON'
import sys
for i in range(1_000_000):
    number = b"%07d" % i
    name = (b"<script>alert(" + number + b")</script>", b'\x1b[2J"\\\xff\xfe' + number, b"x" * (200 + i % 60) + number,
            b"meter-" + number)[i % 4]
    sys.stdout.buffer.write(b"1796020834: Client " + name + b" [10.0.%d.%d:4000] disconnected: exceeded timeout.\n" %
                            (i >> 8 & 255, i & 255))
PYTHON
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
  for path in '/api/v1/events?limit=1000' '/api/v1/clients?period=start'; do
    fetch "$path" | python3 -m json.tool >/dev/null || die "$path is not JSON"
  done
  for path in / '/events?limit=1000' '/clients?period=start'; do
    if fetch "$path" | grep -qF '<script>alert'; then die "$path has a script of a client"; fi
  done
  kill "$process"
  wait "$process" || true
done
