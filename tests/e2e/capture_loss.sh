#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Clients and broker are in network namespaces, and a program between them drops, duplicates and reorders frames (and so does
# netem, where the kernel has it). The exporter captures at the broker and must count exactly what the clients record, with and
# without payloads of many segments.
set -euo pipefail
# shellcheck source=tests/e2e/capture_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/capture_lib.sh"

need_root 'network namespaces'
address=198.51.100.1
address6=2001:db8::1
port=1883

play_in=(nsenter --net="/run/netns/mre-$$-clients")
fetch() { within broker curl -fsS --max-time 10 "$url$1"; }
# shellcheck disable=SC2016
carries() { within clients timeout 5 bash -c ': </dev/tcp/"$1"/"$2"' carries "$address" "$port"; }

# On a slow line both may close at once, and each end of it sees another close first: who did is left out.
either_side() { sed -E 's/^END (client|broker) /END either /' | sum_rows -; }
served_rows() { fetch /metrics | python3 "$support/exposition_rows.py" | either_side; }

# join NAMESPACE INTERFACE NUMBER: a host at an end of the line. Nothing is offloaded, so that frames are as on a wire.
join() {
  within "$1" ip link add eth0 type veth peer name "$2" netns "mre-$$-line"
  within "$1" ethtool -K eth0 tx off rx off tso off gso off gro off >>"$work/ethtool.out" 2>&1
  within "$1" ip address add "198.51.100.$3/24" dev eth0
  within "$1" ip address add "2001:db8::$3/64" dev eth0 nodad
  within "$1" ip link set eth0 up
  within line ip link set "$2" up
}

for name in clients line broker; do own_network "$name"; done
join clients to-clients 2
join broker to-broker 1
if within clients tc qdisc add dev eth0 root netem delay 2ms reorder 90% loss 1% duplicate 1% 2>"$work/netem.out"; then
  printf 'ok     netem too, from the clients\n'
else
  printf 'ok     without netem: %s\n' "$(head -n 1 "$work/netem.out")"
fi
start line nsenter --net="/run/netns/mre-$$-line" python3 "$support/bad_line.py" --between to-clients to-broker --figures "$work/line.figures"
bad_line=$started
prepare_capture_broker "listener $port"
start mosquitto nsenter --net="/run/netns/mre-$$-broker" mosquitto -c "$work/mosquitto.conf"
expect_success 'the line carries' carries
printf 'ok     the line has %s\n' "$(head -n 1 "$work/line.out")"

start exporter nsenter --net="/run/netns/mre-$$-broker" "$MRE_BINARY" --capture.interface=eth0 --capture.ports="$port" \
  --web.listen-address="127.0.0.1:$http_port"
wait_for "$PATIENCE" fetch /-/healthy || die 'The exporter does not serve.'
expect 'packets are captured' 1 source_up

# A reset may be lost for ever, so no client ends with one; and no more come at once than mosquitto has room for (100), or
# some would be answered with one.
play clients-4 --broker "$address:$port" --connections 700 --at-once 75 --large 20000 --without breaks-off
play clients-6 --broker "$address6:$port" --connections 300 --at-once 75 --large 20000 --without breaks-off
stop "$bad_line"
printf 'ok     what the line did: %s\n' "$(cat "$work/line.figures")"
for deed in drop double delay; do
  [[ $(grep -o "$deed [0-9]*" "$work/line.figures") != "$deed 0" ]] || failed "$deed" some none
done
cat "$work/clients-4.rows" "$work/clients-6.rows" | either_side >"$work/all.rows"
expect_rows 'the exporter counts what the clients know' "$work/all.rows"
check 'frames that found the ring full' 0 "$(counter mqtt_reason_capture_frames_dropped_total)"
check 'what had to be passed over' 0 "$(counter mqtt_reason_capture_resynchronisations_total)"
