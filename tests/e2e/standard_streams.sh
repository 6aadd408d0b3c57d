#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The exporter serves and stops if its standard streams are closed, or are a full pipe.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

serves() { curl -sf -o /dev/null "http://127.0.0.1:$http_port/metrics"; }
ended() { ! kill -0 "$exporter" 2>/dev/null; }
options=(--state.dir="$work/state" --log.path="$broker_log" --broker.profile=mosquitto
  --web.listen-address="127.0.0.1:$http_port")
: >"$broker_log"

# shellcheck disable=SC2016
start closed bash -c 'exec "$@" 0<&- 1>&- 2>&-' closed "$MRE_BINARY" serve "${options[@]}"
exporter=$started
expect_success 'it serves with all standard streams closed' wait_for "$PATIENCE" serves
for fd in 0 1 2; do
  check "descriptor $fd is nothing of the exporter's" /dev/null "$(readlink "/proc/$exporter/fd/$fd")"
done
kill -TERM "$exporter"
expect_success 'it ends' wait_for "$PATIENCE" ended

# A reader that opens the pipe and never reads; the pipe is filled beforehand.
mkfifo "$work/pipe"
exec 7<>"$work/pipe"
dd if=/dev/zero of="$work/pipe" bs=4096 count=64 oflag=nonblock 2>/dev/null || true
# shellcheck disable=SC2016
start full bash -c 'exec "${@:2}" 2>"$1"' full "$work/pipe" "$MRE_BINARY" serve "${options[@]}" --log.level=debug
exporter=$started
expect_success 'it serves while nobody reads its log' wait_for "$PATIENCE" serves
printf '1700000001: Sending CONNACK to 192.0.2.2 (0, 135)\n' >>"$broker_log"
counted() { curl -sf "http://127.0.0.1:$http_port/metrics" | grep -q '^mqtt_reason_codes_total{.*code="0x87".* 1$'; }
expect_success 'its source reads on' wait_for "$PATIENCE" counted
kill -TERM "$exporter"
expect_success 'it ends' wait_for "$PATIENCE" ended
