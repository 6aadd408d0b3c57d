#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests config/compose with Debian's programs instead of images: the same configuration files, volumes, users and host names,
# in a network namespace, with read-only roots and without capabilities. Debian has no Grafana: its files are only parsed.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
compose=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../package/compose.py")

"$compose" check

if ! unshare --user true 2>"$work/unshare.out"; then
  printf 'skipped: this system gives no user namespace, as within a chroot: %s\n' "$(cat "$work/unshare.out")"
  exit 0
fi
own_network services
printf '127.0.0.1 %s\n' localhost mosquitto exporter prometheus alertmanager >"$work/hosts"

# in_container SERVICE COMMAND...: runs it as the service's container would.
in_container() {
  local words
  mapfile -t words < <("$compose" contained "$1" "$work" "$MRE_BINARY")
  within services "${words[@]}" "${@:2}"
}
# start_service SERVICE COMMAND...
start_service() {
  local words
  mapfile -t words < <("$compose" contained "$1" "$work" "$MRE_BINARY")
  start "$1" nsenter --net="/run/netns/mre-$$-services" "${words[@]}" "${@:2}"
}

check_text 'promtool accepts the configuration' 'SUCCESS: .* is valid' \
  "$(in_container prometheus promtool check config /etc/prometheus/prometheus.yml 2>&1)"
check_text 'amtool accepts the configuration' 'SUCCESS' \
  "$(in_container alertmanager amtool check-config /etc/alertmanager/alertmanager.yml 2>&1)"

# The images' own commands; the exporter's is that of the Dockerfile.
mapfile -t image < <("$compose" image)
start_service mosquitto mosquitto -c /mosquitto/config/mosquitto.conf
start_service exporter env STATE_DIRECTORY=/var/lib/mqtt-reason-exporter /program "${image[@]:1}"
start_service alertmanager prometheus-alertmanager --config.file=/etc/alertmanager/alertmanager.yml --storage.path=/alertmanager \
  --cluster.listen-address=
start_service prometheus prometheus --config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/prometheus

publish() { within services mosquitto_pub -h 127.0.0.1 -V mqttv5 -t unheard -q 1 -m 1; }
expect_success 'the broker serves a client' publish
url=http://127.0.0.1:10883
fetch() { within services curl -fsS --max-time 10 "$url$1"; }
expect 'the exporter reads its log' 1 codes broker=mosquitto packet=PUBACK code=0x10
check 'its state is in its volume' 'yes' "$([[ -n $(ls -A "$work/volumes/exporter-state") ]] && echo yes)"
# ask QUERY: the value of its only sample
ask() { within services promtool query instant http://127.0.0.1:9090 "$1" | sed -n 's/.* => \([^ ]*\) .*/\1/p'; }
expect 'Prometheus scrapes the exporter' 1 ask 'up{job="mqtt-reason"}'
expect 'and has its codes' 1 ask 'sum(mqtt_reason_codes_total{code="0x10"})'
expect 'and evaluates the rules' 1 ask 'clamp_max(count(broker_packet_direction_reason_class:mqtt_reason_codes:rate5m), 1)'
api() { within services curl -fsS --max-time 10 "http://127.0.0.1:9090/api/v1/$1"; }
check_text 'Prometheus knows Alertmanager' 'http://alertmanager:9093/api/v2/alerts' "$(api alertmanagers)"
check_text 'Prometheus has the alerts' '"name":"MqttReasonSourceDown"' "$(api rules)"
