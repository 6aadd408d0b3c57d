#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Started as root, the exporter becomes nobody and keeps, in every thread, only the rights that its files and its capture need.
# It takes over a state directory of a version that ran as root, follows a log that only its owner may read through a rotation,
# reloads, and captures again. It cannot regain what it gave up.
set -euo pipefail
# shellcheck source=tests/e2e/capture_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/capture_lib.sh"

need_root 'starting the exporter as root'
NET_RAW_AND_DAC_READ_SEARCH=0000000000002004  # bits 13 and 2, linux/capability.h
config=$work/exporter.yaml

refused() { codes source="$1" packet=CONNACK direction=sent code=0x87; }
seen() { counter mqtt_reason_shadow_codes_total source=wire packet=CONNACK direction=sent code=0x87; }
refuse_client() { publish_refused gate mqttv5 open/x 1 wrong; }

# write_config PORTS [MORE]
write_config() {
  hall_config >/dev/null
  printf '      - {name: wire, capture: {interface: lo, ports: [%s]}}\n    authority: {CONNACK: log}\n%s' "$1" "${2:-}" >>"$config"
}
reload() {
  local before
  before=$(grep -c 'SIGHUP: ' "$work/exporter.out" || true)
  kill -HUP "$exporter"
  wait_for "$PATIENCE" eval "[[ \$(grep -c 'SIGHUP: ' '$work/exporter.out') -gt $before ]]" || failed 'SIGHUP' 'a line of the log' 'none'
}
successful() { counter mqtt_reason_config_last_reload_successful; }

# every_thread WHAT NAME VALUE: the line NAME of /proc/PID/task/*/status.
every_thread() {
  check "$1" "$3" "$(awk -v name="$2:" '$1 == name { $1 = ""; sub(/^ */, ""); print }' /proc/"$exporter"/task/*/status | sort -u)"
}

# A state that root has written.
write_config "$mqtt_port"
start_mosquitto
chown mosquitto: "$broker_log"
check 'the log is its owners alone' 'mosquitto 600' "$(stat -c '%U %a' "$broker_log")"
start_exporter --config.file="$config" --user=root --sandbox=off
expect 'all sources, as root' 3 source_up
check 'it stays root on request' '0 0 0 0' "$(awk '$1 == "Uid:" { $1 = ""; sub(/^ */, ""); print }' /proc/"$exporter"/status)"
refuse_client
expect 'counted as root' 1 refused log
expect 'seen by the capture' 1 seen
stop "$exporter"
check 'whose state it is' root "$(stat -c %U "$STATE_DIRECTORY"/* | sort -u)"

start_exporter --config.file="$config"
expect 'all sources, as nobody' 3 source_up
expect 'counted before, as root' 1 refused log
check 'whose state it is' nobody "$(stat -c %U "$STATE_DIRECTORY" "$STATE_DIRECTORY"/* | sort -u)"
[[ $(find /proc/"$exporter"/task -mindepth 1 -maxdepth 1 | wc -l) -ge 8 ]] || failed 'threads' '8 or more' "$(ls /proc/"$exporter"/task)"
every_thread 'user of every thread' Uid '65534 65534 65534 65534'
every_thread 'group of every thread' Gid '65534 65534 65534 65534'
every_thread 'groups of every thread' Groups ''
for set in CapEff CapPrm; do every_thread "$set of every thread" "$set" "$NET_RAW_AND_DAC_READ_SEARCH"; done
for set in CapInh CapBnd CapAmb; do every_thread "$set of every thread" "$set" 0000000000000000; done
every_thread 'no_new_privs of every thread' NoNewPrivs 1
every_thread 'system calls are filtered in every thread' Seccomp 2
check_text 'the exporter says why it may read everything' 'running as user nobody .*CAP_DAC_READ_SEARCH because that user' "$(cat "$work/exporter.out")"

# nobody else's process of that user may look into it.
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
if as_nobody head -c 1 "/proc/$exporter/environ" >"$work/environ.out" 2>&1; then failed 'its environment' 'denied' 'read'; fi
if as_nobody cat "/proc/$exporter/maps" >"$work/maps.out" 2>&1; then failed 'its memory map' 'denied' 'read'; fi
printf 'ok     another process of nobody reads neither its environment nor its memory map\n'

# The log continues in a file that is its owner's alone, too.
mv "$broker_log" "$broker_log.1"
refuse_client
kill -HUP "$broker"
expect_success 'the broker opens a new log' test -e "$broker_log"
chown mosquitto: "$broker_log"
refuse_client
expect 'a rotated log that is its owners alone' 3 refused log

# Reloads: the capture is opened again, the password is read again; what was given up is not asked for.
write_config "$mqtt_port, 9"
reload
check 'a changed capture: successful' 1 "$(successful)"
expect 'all sources, reloaded' 3 source_up
refuse_client
expect 'counted by the log' 4 refused log
expect 'seen by the capture' 4 seen
if grep -q 'Landlock' "$work/exporter.out"; then
  write_config "$mqtt_port" '  - {name: theft, profile: mosquitto, sources: [{name: log, log: {path: /etc/shadow, from: beginning}}]}
'
  reload
  check 'a log outside of the sandbox: successful' 0 "$(successful)"
  check_text 'and why' 'the log of the broker .*theft.*sandbox does not allow to read /etc.*restart it' "$(tail -n 1 "$work/exporter.out")"
fi
status=0
kill -TERM "$exporter"
wait "$exporter" || status=$?
check 'SIGTERM: exit code' 0 "$status"

# A certificate and a key that are root's alone, as keys are: the low user reads them at each connection.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=exporter -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$work/client.key" -out "$work/client.pem" 2>/dev/null
tls_port=$(free_port $((http_port + 1)))
printf '%s\n' "listener $tls_port 127.0.0.1" "cafile $work/client.pem" "certfile $work/client.pem" "keyfile $work/client.key" \
  'require_certificate true' 'use_identity_as_username true' 'user root' >"$work/tls.conf"
start tls_broker mosquitto -c "$work/tls.conf"
wait_for "$PATIENCE" answers "$tls_port" || die 'The broker does not start.'
start_exporter --mqtt.url="mqtts://127.0.0.1:$tls_port" --broker.profile=mosquitto --state.dir="$work/tls" \
  --mqtt.ca-file="$work/client.pem" --mqtt.cert-file="$work/client.pem" --mqtt.key-file="$work/client.key"
expect 'a client certificate whose key is roots alone' 1 source_up
check 'whose key it is' 'root 600' "$(stat -c '%U %a' "$work/client.key")"
stop "$exporter"

# Files that nobody may read need no capability, and without a capture there is none.
chmod 711 "$work"
chmod 644 "$broker_log"
start_exporter --log.path="$broker_log" --broker.profile=mosquitto --state.dir="$work/open" --user=nobody:daemon
expect 'a readable log' 1 source_up
every_thread 'CapPrm of every thread: the directory of the log is not listed' CapPrm 0000000000000004
stop "$exporter"
mkdir -m 755 "$work/logs"
cp "$broker_log" "$work/logs/log"
chmod 644 "$work/logs/log"
start_exporter --log.path="$work/logs/log" --broker.profile=mosquitto --state.dir="$work/open" --user=nobody:daemon
expect 'a readable log in a readable directory' 1 source_up
every_thread 'CapPrm of every thread' CapPrm 0000000000000000
every_thread 'the group that was named' Gid '1 1 1 1'
stop "$exporter"

# A state directory with files of others is not given away.
mkdir "$work/shared"
touch "$work/shared/other.db"
status=0
"$MRE_BINARY" --log.path="$work/logs/log" --state.dir="$work/shared" --web.listen-address=127.0.0.1:0 >"$work/refused.out" 2>&1 || status=$?
check 'a state directory with files of others: exit code' 2 "$status"
check_text 'and why' 'contains other files.*--state.dir' "$(cat "$work/refused.out")"
check 'it is still' root "$(stat -c %U "$work/shared")"
