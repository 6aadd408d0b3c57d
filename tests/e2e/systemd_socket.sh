#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The exporter serves on sockets that systemd passes. A script does what systemd does: it listens, puts the sockets at
# descriptors 3 and 4, sets the variables and executes the exporter.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cat >"$work/launch.py" <<'PYTHON'
import os, socket, sys

ports, pid, command = sys.argv[1].split(","), sys.argv[2], sys.argv[3:]
sockets = []
for port in ports:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(port)))
    if pid != "deaf":
        listener.listen()
    sockets.append(os.dup(listener.fileno()))
saved = [os.dup2(fd, 100 + number) for number, fd in enumerate(sockets)]
os.closerange(3, 100)
for number, fd in enumerate(saved):
    os.dup2(fd, 3 + number, inheritable=True)
os.closerange(100, 110)
os.environ["LISTEN_FDS"] = str(len(ports))
os.environ["LISTEN_PID"] = "1" if pid == "other" else str(os.getpid())
os.execv(command[0], command)
PYTHON

second_port=$(free_port $((http_port + 1)))
: >"$broker_log"
options=(serve --web.systemd-socket --state.dir=none --log.path="$broker_log" --broker.profile=mosquitto)

start exporter python3 "$work/launch.py" "$http_port,$second_port" own "$MRE_BINARY" "${options[@]}"
exporter=$started
expect 'it serves on the first socket' Healthy curl -fsS --max-time 10 "$url/-/healthy"
expect 'it serves on the second socket' Healthy curl -fsS --max-time 10 "http://127.0.0.1:$second_port/-/healthy"
check_text 'it says where' "serving http://127.0.0.1:$second_port/metrics" "$(cat "$work/exporter.out")"
check_text 'it does not listen on the default address' '^0$' "$(grep -c ':10883' "$work/exporter.out" || true)"
stop "$exporter"

# refuses WHAT PID REGEX
refuses() {
  local out status=0
  out=$(timeout 10 python3 "$work/launch.py" "$http_port" "$2" "$MRE_BINARY" "${options[@]}" 2>&1) || status=$?
  check "$1: exit code" 2 "$status"
  check_text "$1: it says why" "$3" "$out"
}
refuses 'sockets of another process' other 'systemd passed no socket'
refuses 'a socket that does not listen' deaf 'descriptor 3 from systemd is not a listening TCP socket'
