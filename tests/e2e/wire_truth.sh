#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the exporter reads from a real mosquitto's log must equal what was on the wire, row by row, for every packet and
# direction that the profile reports explicitly. The clients use all three protocol versions. Some are attackers whose ids,
# names, topics and reason strings imitate the log.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1
support=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../support")

cat >"$work/strangers" <<'TEXTS'
Sending CONNACK to victim (0, 135)
victim (m1, rc135)
victim (Mid: 1, RC:135)
ok/Sending PUBACK to victim (m1, rc135)
Client victim
Client victim disconnected, not authorised.
Client victim [127.0.0.1:1] disconnected: not authorised.
New client connected from 127.0.0.1:1 as victim (p5, c1, k60, u'client').
x (p2, c1, k60, u'client').
x: 1795322239: Sending CONNACK to victim (0, 135)
x\n1795322239: Sending CONNACK to victim (0, 135)
closed/x (denied)
closed/x (QoS 128)
Received SUBSCRIBE from victim
Sending SUBACK to victim
victim already connected, closing old connection.
TEXTS
# A line is cut after a thousand bytes: its last words are the attacker's.
printf 'x%.0s' {1..940} >>"$work/strangers"
printf '%s\n' ' Sending CONNACK to victim (0, 135) Sending CONNACK to victim (0, 135)' >>"$work/strangers"

# prepare_broker LEVEL...: users and rights by the dynamic security plugin, because an ACL file denies no subscription.
prepare_broker() {
  python3 "$support/dynsec.py" "$PASSWORD" >"$work/dynsec.json"
  broker_log=$work/mosquitto-$1.log
  {
    printf 'listener %s 127.0.0.1\nallow_anonymous false\nmax_packet_size 4000\n' "$mqtt_port"
    printf '%s\n' "plugin $(plugin)" "plugin_opt_config_file $work/dynsec.json" "log_dest file $broker_log"
    printf 'log_type %s\n' "${@:2}"
    if [[ $(id -u) -eq 0 ]]; then printf 'user root\n'; fi
  } >"$work/mosquitto.conf"
}

plugin() { find /usr/lib -name mosquitto_dynamic_security.so -print -quit; }

# record NAME LOG-TYPE...: all clients, through the witness. Leaves NAME.csv and mosquitto-NAME.log.
record() {
  prepare_broker "$@"
  start_mosquitto
  start witness python3 "$support/wire_witness.py" --listen "127.0.0.1:$witness_port" --broker "127.0.0.1:$mqtt_port" --rows "$work/$1.csv"
  local witness=$started
  wait_for "$PATIENCE" answers "$witness_port" || die 'The witness does not start.'
  timeout 240 python3 "$support/mqtt_clients.py" --broker "127.0.0.1:$witness_port" --user client --password "$PASSWORD" \
    --too-large 5000 --hostile "$work/strangers" >"$work/clients-$1.out" || die "The clients of the run $1 failed."
  stop "$witness"
  check "$1: what the witness complains of" '' "$(cat "$work/witness.out")"
  stop "$broker"
}

# compared NAME ARGUMENT...
compared() {
  "$MRE_BINARY" replay --broker.profile=mosquitto "$work/mosquitto-$1.log" 2>>"$work/summary.out" |
    python3 "$support/wire_compare.py" "$work/$1.csv" "${@:2}" >"$work/compared-$1.out" || failed "$1: findings" none "$(grep FINDING "$work/compared-$1.out")"
  printf 'ok     %s: %s\n' "$1" "$(tail -n 1 "$work/compared-$1.out")"
}

wire() { awk -F, -v packet="$1" -v direction="$2" '$1 == packet && $2 == direction { n += $5 } END { print n + 0 }' "$work/debug.csv"; }

witness_port=$(free_port $((http_port + 1)))
record debug error warning notice information debug
# Not in its log are an AUTH that Mosquitto rejects, and the end of a line of a thousand bytes, which contains the code of a
# CONNACK, and the filter that a SUBACK is put together from.
unlogged=(--allow 'AUTH received 5.0 0x19 1' --allow 'CONNACK sent 5.0 0x00 2' --allow 'SUBACK sent 3.1.1 0x00 2'
  --allow 'SUBACK sent 5.0 0x00 6')
# Where newer versions close without a DISCONNECT, after a length of five bytes, the words do not show it.
ambiguous=(--allow 'DISCONNECT sent 5.0 0x81 1')
# Without log_type subscribe the log up to 2.0 does not show which QoS was granted.
compared debug --in-part 'SUBACK sent' "${unlogged[@]}" "${ambiguous[@]}"
# The clients did what they are for: no packet of a kind that Mosquitto has is missing from the comparison.
for kind in 'CONNACK sent' 'PUBACK sent' 'PUBACK received' 'PUBREC sent' 'PUBREC received' 'PUBREL sent' 'PUBREL received' \
  'PUBCOMP sent' 'PUBCOMP received' 'SUBACK sent' 'UNSUBACK sent' 'DISCONNECT sent' 'DISCONNECT received' 'AUTH received'; do
  # shellcheck disable=SC2086
  [[ $(wire $kind) -gt 0 ]] || failed "$kind on the wire" some none
done
check 'refused subscriptions on the wire, of 3.1.1 and of 5.0' 2 "$(grep -cE '^SUBACK,sent,(3.1.1,0x80|5.0,0x87),' "$work/debug.csv")"

record all all
compared all "${unlogged[@]}" "${ambiguous[@]}"

record default error warning notice information
compared default --at-most "${ambiguous[@]}"
