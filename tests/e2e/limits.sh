#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# If the limits of the system are too low for 50 brokers, the exporter says which. Each source waits for descriptors by itself.
# Without enough memory or threads the exporter ends at its start.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

{
  printf 'state: {dir: none}\nbrokers:\n'
  for i in {1..50}; do
    printf '  - {name: b%d, profile: mosquitto, sources: [{name: log, log: {path: "%s.%d"}}, {name: mqtt, mqtt: {url: "mqtt://127.0.0.1:%d"}}]}\n' \
      "$i" "$broker_log" "$i" "$mqtt_port"
    touch "$broker_log.$i"
  done
} >"$work/exporter.yaml"
chmod -R a+rX "$work"

start exporter prlimit --nofile=40 "$MRE_BINARY" --config.file="$work/exporter.yaml" --web.listen-address="127.0.0.1:$http_port"
said() { grep -E "$1" "$work/exporter.out"; }
expect_success 'a log says that descriptors are missing' said "source log: waiting for .*raise the limit of open files"
expect_success 'so do events over MQTT' said "source mqtt: cannot connect to .*raise the limit of open files"
kill -0 "$started" || failed 'it runs on' running ended
stop "$started"

# refused WHAT REGEX COMMAND...: it ends with status 2 and says this.
refused() {
  local status=0
  timeout "$PATIENCE" "${@:3}" --config.file="$work/exporter.yaml" --web.listen-address="127.0.0.1:$http_port" >"$work/refused.out" 2>&1 || status=$?
  check "$1: status" 2 "$status"
  check_text "$1: it says so" "$2" "$(cat "$work/refused.out")"
}
# Which of the two meets the limit first depends on the C library.
refused 'too little memory' 'out of memory: raise the memory limit|cannot start a thread: raise the limit of threads .*or of memory' prlimit --as=40000000 "$MRE_BINARY"
if [[ $(id -u) -eq 0 ]]; then
  # The limit is a user's, and does not bind root. The program is copied to where that user can reach it.
  install -m 755 "$MRE_BINARY" "$work/exporter"
  refused 'too few threads' 'cannot start a thread: raise the limit of threads' \
    setpriv --reuid 41883 --regid 41883 --clear-groups prlimit --nproc=30 "$work/exporter"
fi
