# SPDX-License-Identifier: Apache-2.0
# What the scripts about captured packets share: a broker whose rights are known, clients that record what they saw, and rows
# "PACKET direction protocol code count" that are compared exactly. Sourced instead of lib.sh.
# shellcheck shell=bash
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1
support=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../support")

marker_port=9  # discard; UDP

# need_root WHY
need_root() {
  ! has_rights_of_root || return 0
  printf 'skipped: needs root, for %s\n' "$1"
  exit 0
}

# prepare_capture_broker LISTENER-LINE...: mosquitto's configuration; user "client" may do anything but with closed/#.
prepare_capture_broker() {
  python3 "$support/dynsec.py" "$PASSWORD" >"$work/dynsec.json"
  {
    printf '%s\n' "$@"
    printf '%s\n' 'allow_anonymous false' "plugin $(find /usr/lib -name mosquitto_dynamic_security.so -print -quit)" \
      "plugin_opt_config_file $work/dynsec.json" "log_dest file $broker_log" 'log_type error'
    # Started by root, mosquitto would become a user that cannot read this directory.
    if [[ $(id -u) -eq 0 ]]; then printf 'user root\n'; fi
  } >"$work/mosquitto.conf"
}

# start_tcpdump FILTER: on loopback, into $work/live.pcap. Sets $tcpdump.
start_tcpdump() {
  start tcpdump tcpdump -n -U -Z root -i lo -B 65536 -w "$work/live.pcap" "$1 or udp port $marker_port"
  # shellcheck disable=SC2034
  tcpdump=$started
  wait_for "$PATIENCE" grep -q 'listening on' "$work/tcpdump.out" || die 'tcpdump does not start.'
}

play_in=()  # a command that runs the clients elsewhere

# end_tcpdump: when it has written all frames that have passed; otherwise those that the kernel still has are missing.
end_tcpdump() {
  printf 'the last frame' >"/dev/udp/127.0.0.1/$marker_port"
  wait_for "$PATIENCE" grep -aq 'the last frame' "$work/live.pcap" || die 'tcpdump does not write the last frame.'
  stop "$tcpdump"
}

# play NAME ARGUMENT...: the clients; what they know goes to $work/NAME.rows.
play() {
  "${play_in[@]}" timeout 200 python3 "$support/capture_clients.py" --user client --password "$PASSWORD" --rows "$work/$1.rows" "${@:2}" \
    >"$work/$1.out" || failed "$1: what the clients did not get" nothing "$(cat "$work/$1.out")"
  printf 'ok     %s: %s\n' "$1" "$(tail -n 1 "$work/$1.out")"
}

# sum_rows FILE...: the rows of all of them together.
sum_rows() { cat "$@" | awk '{ sum[$1 " " $2 " " $3 " " $4] += $5 } END { for (row in sum) print row, sum[row] }' | LC_ALL=C sort; }

not_compared='^$'  # rows of the exporter that are left out

# The rows that the running exporter counts.
served_rows() { fetch /metrics | python3 "$support/exposition_rows.py" | grep -Ev "$not_compared" || true; }

replayed_rows() { "$MRE_BINARY" replay "$@" 2>>"$work/summary.out" | python3 "$support/exposition_rows.py"; }

# same_rows WHAT WANTED-FILE GOT-FILE
same_rows() {
  LC_ALL=C sort "$2" >"$work/wanted.rows"
  LC_ALL=C sort "$3" >"$work/got.rows"
  diff "$work/wanted.rows" "$work/got.rows" >"$work/differing.rows" || failed "$1" 'no row that differs' "$(cat "$work/differing.rows")"
  printf 'ok     %s: %d rows, %d in all\n' "$1" "$(wc -l <"$2")" "$(awk '{ n += $5 } END { print n }' "$2")"
}

# expect_rows WHAT WANTED-FILE: the running exporter counts these rows now or soon, and no others.
expect_rows() {
  local deadline=$((SECONDS + PATIENCE))
  LC_ALL=C sort "$2" >"$work/wanted.rows"
  until served_rows | LC_ALL=C sort >"$work/served.rows" && cmp -s "$work/wanted.rows" "$work/served.rows"; do
    [[ $SECONDS -lt $deadline ]] || break
    sleep 0.1
  done
  same_rows "$1" "$2" "$work/served.rows"
}
