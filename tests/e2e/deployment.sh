#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the files of config/systemd and config/kubernetes. systemd accepts each line of the unit and rates its sandbox as safe,
# and its command serves. In the example pods the broker's configuration, the exporter's configuration, the arguments and the
# probe fit together, and events are counted.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
config=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../config")
unit=$config/systemd/mqtt-reason-exporter.service

# ---- systemd

installed=/usr/local/bin/mqtt-reason-exporter
sed -E "s#^(ExecStart|ExecStartPre)=$installed #\\1=$MRE_BINARY #" "$unit" >"$work/${unit##*/}"
check 'systemd has nothing to say of the unit' '' \
  "$(systemd-analyze verify --man=no --recursive-errors=no "$work/${unit##*/}" 2>&1)"
systemd-analyze security --offline=true --threshold=15 "$work/${unit##*/}" >"$work/security.out" 2>&1 ||
  failed 'how open systemd finds it, of 10' 'at most 1.5' "$(tail -n 1 "$work/security.out")"
printf 'ok     how open systemd finds it, of 10: at most 1.5\n'

command=$(sed -n "s|^ExecStart=$installed ||p" "$unit")
check_text 'its command names a configuration file' '^--config\.file /etc/mqtt-reason-exporter/exporter\.yaml$' "$command"
# shellcheck disable=SC2016
check_text 'a reload is a SIGHUP' '^ExecReload=/bin/kill -HUP \$MAINPID$' "$(cat "$unit")"
check_text 'the configuration is checked first' "^ExecStartPre=$installed check config /etc/mqtt-reason-exporter/exporter\.yaml\$" "$(cat "$unit")"
for limit in LimitCORE LimitNOFILE MemoryMax TasksMax; do check_text "$limit is set" "^$limit=[0-9]" "$(cat "$unit")"; done
hall_config >/dev/null
"$MRE_BINARY" check config "$work/exporter.yaml" >"$work/check.out" || failed 'check config' 'exit code 0' "$(cat "$work/check.out")"
start_mosquitto
# shellcheck disable=SC2086
start_exporter ${command/\/etc\/mqtt-reason-exporter/$work}
expect 'its command reads the configuration' 1 source_up source=log
stop "$exporter"
stop "$broker"

# ---- Kubernetes: what the directories name is there and fits together.

python3 "$(dirname "${BASH_SOURCE[0]}")/../package/kubernetes.py" "$work"

# The pods' own arguments, configurations and ports, each in a network of its own.

own_network pods
fetch() { within pods curl -fsS --max-time 10 "http://127.0.0.1:${probe%%/*}$1"; }
in_pod() { within pods mosquitto_pub -h 127.0.0.1 -p "$mqtt_port" -V mqttv5 -t unheard -q 1 -m 1; }

for pod in example:-all example-capture:-all,+net_raw; do
  name=${pod%%:*}
  { read -r arguments; read -r probe; read -r mqtt_port; } <"$work/$name.pod"
  printf 'user root\n' >>"$work/$name.mosquitto.conf"  # another user cannot read this directory
  STATE_DIRECTORY=$work/state.$name
  start mosquitto nsenter --net="/run/netns/mre-$$-pods" mosquitto -c "$work/$name.mosquitto.conf"
  broker=$started
  # shellcheck disable=SC2086
  start exporter nsenter --net="/run/netns/mre-$$-pods" setpriv --bounding-set="${pod#*:}" --no-new-privs "$MRE_BINARY" $arguments
  exporter=$started
  expect_success "$name: the liveness probe is answered" fetch "/${probe#*/}"
  expect "$name: its source is read" 1 source_up
  expect_success "$name: a client is served" in_pod
  expect "$name: its codes are counted" 1 codes broker=mosquitto packet=PUBACK code=0x10
  stop "$exporter"
  stop "$broker"
done
