#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# If a port has TLS connections only, the exporter reports it as unreadable: `observable` is 0, and one line of the log says
# what to do. Unencrypted MQTT on another port is counted.
set -euo pipefail
# shellcheck source=tests/e2e/capture_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/capture_lib.sh"

need_root 'capturing packets'
tls_port=$(free_port $((http_port + 1)))
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/certificate.pem" >>"$work/openssl.out" 2>&1
prepare_capture_broker "listener $mqtt_port 127.0.0.1" "listener $tls_port 127.0.0.1" \
  "certfile $work/certificate.pem" "keyfile $work/key.pem"
start_mosquitto
start_exporter --capture.interface=lo --capture.ports="$mqtt_port,$tls_port"
expect 'packets are captured' 1 source_up

publish_secretly() {
  timeout 30 mosquitto_pub -h 127.0.0.1 -p "$tls_port" --cafile "$work/certificate.pem" -i "$1" -V mqttv5 -u client \
    -P "$PASSWORD" -t open/unheard -q 1 -m 21.5 >>"$work/clients.out" 2>&1
}
observable() { counter mqtt_reason_observable; }
tls_connections() { counter mqtt_reason_capture_connections_total kind=tls; }

check 'what can be observed before anything has passed' 0 "$(observable)"
repeat 3 publish_secretly vault
expect 'connections of TLS' 3 tls_connections
expect 'nothing can be observed' 0 observable
check 'codes' 0 "$(counter mqtt_reason_codes_total)"
check_text 'the log says what to do' 'TLS' "$(cat "$work/exporter.out")"
check 'it says so once' 1 "$(grep -c TLS "$work/exporter.out")"

publish garden mqttv5 open/unheard 1
expect 'what can be read is counted' 1 codes packet=PUBACK code=0x10
expect 'and can be observed' 1 counter mqtt_reason_observable packet=PUBACK direction=sent
seen=$(observable)
repeat 2 publish_secretly vault
expect 'more connections of TLS' 5 tls_connections
check 'what can be observed beside them' "$seen" "$(observable)"

# A handshake that fails before it is encrypted says so, and who ended it.
hello() { timeout 30 openssl s_client -connect "127.0.0.1:$1" "${@:2}" </dev/null >>"$work/openssl.out" 2>&1 || true; }
refusals() { closes reason=tls_error initiator="$1"; }
hello "$tls_port" -tls1_2 -verify_return_error
expect 'a client that does not trust the broker' 1 refusals client
hello "$tls_port" -tls1_2 -cipher AES128-SHA
expect 'a broker that has no cipher in common with the client' 1 refusals broker
hello "$mqtt_port"
expect 'TLS on a port that has none' 2 refusals broker
