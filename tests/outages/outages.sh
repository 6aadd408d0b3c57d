#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# outages.sh EXPORTER   Three outages with real parts, from a fresh start of everything: mosquitto with TLS whose certificate has
# expired, one whose password file breaks, and one that is stopped by SIGSTOP; one exporter, Prometheus with the rules of
# dashboards/ as they are, Alertmanager with the inhibition rules, and a webhook. Each page arrives within five minutes of
# the start, its links open, no other alert comes with it, and it is resolved when the broker is well again.
#
# By hand, not by ./test: it takes about six minutes, because the alerts wait as long as they do in earnest.
set -euo pipefail
MRE_BINARY=$1
# shellcheck source=tests/e2e/alerts_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../e2e/alerts_lib.sh"

expired_port=$(free_port $((webhook_port + 1)))
password_port=$(free_port $((expired_port + 1)))
hung_port=$(free_port $((password_port + 1)))

# certificate NAME BEGIN END: signed by $work/ca.crt, which is made if it is not there.
certificate() {
  if [[ ! -e $work/ca.crt ]]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout "$work/ca.key" -out "$work/ca.crt"
    touch "$work/ca.index"
    printf '[ca]\ndefault_ca = own\n[own]\ndatabase = %s\nnew_certs_dir = %s\nrand_serial = yes\ndefault_md = sha256\nunique_subject = no\npolicy = any\n[any]\ncommonName = supplied\n' \
      "$work/ca.index" "$work" >"$work/ca.conf"
  fi
  openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$work/$1.key" -out "$work/$1.csr"
  openssl ca -batch -notext -config "$work/ca.conf" -cert "$work/ca.crt" -keyfile "$work/ca.key" -startdate "$2" -enddate "$3" \
    -in "$work/$1.csr" -out "$work/$1.crt"
}

# broker NAME PORT LINE...: a mosquitto at its default log level. Sets $started.
broker() {
  local name=$1
  {
    printf 'listener %s 127.0.0.1\nlog_dest file %s\nlog_timestamp_format %%Y-%%m-%%dT%%H:%%M:%%S\n' "$2" "$work/$name.log"
    printf '%s\n' "${@:3}"
    if [[ $(id -u) -eq 0 ]]; then printf 'user root\n'; fi
  } >"$work/$name.conf"
  touch "$work/$name.log"
  start "$name" mosquitto -c "$work/$name.conf"
  wait_for "$PATIENCE" answers "$2" || die "The broker $name does not start."
}

# clients NAME PORT [OPTION...]: three that connect, publish and leave, each every second or so.
clients() {
  local n
  for n in 1 2 3; do
    # shellcheck disable=SC2016
    start "clients-$1" bash -c 'while :; do timeout 5 mosquitto_pub -h localhost -p "$1" -i "$2" -t t -m m "${@:3}" || true; sleep 1; done' - \
      "$2" "$1-$n" "${@:3}"
  done
}

certificate expired 20200101000000Z 20200201000000Z >>"$work/openssl.out" 2>&1
certificate valid 20200101000000Z 20490101000000Z >>"$work/openssl.out" 2>&1
cp "$work/expired.crt" "$work/server.crt"
cp "$work/expired.key" "$work/server.key"
printf 'client:%s\n' "$PASSWORD" >"$work/passwords"
mosquitto_passwd -U "$work/passwords"
cp "$work/passwords" "$work/passwords.good"

broker expired "$expired_port" 'allow_anonymous true' "certfile $work/server.crt" "keyfile $work/server.key"
expired=$started
broker password "$password_port" "password_file $work/passwords"
password=$started
broker hung "$hung_port" 'allow_anonymous true'
hung=$started

clients expired "$expired_port" --cafile "$work/ca.crt"
clients password "$password_port" -u client -P "$PASSWORD"
clients hung "$hung_port"

{
  printf 'web: {listen_addresses: ["127.0.0.1:%s"]}\nstate: {dir: none}\nbrokers:\n' "$http_port"
  for name in expired password hung; do
    printf '  - {name: %s, profile: mosquitto, sources: [{name: log, log: {path: "%s"}}]}\n' "$name" "$work/$name.log"
  done
} >"$work/exporter.yaml"
began=$SECONDS
start exporter "$MRE_BINARY" serve --config.file="$work/exporter.yaml"
start_webhook
start_alertmanager
start_prometheus 15s

printf -- '---- all is well but the certificate\n'
# scraped TIMES: so often, since the start.
scraped() { promtool query instant "http://127.0.0.1:$prometheus_port" "count_over_time(up[5m]) >= $1" | grep .; }
wait_for 60 scraped 2 || die 'Prometheus does not scrape.'
printf 'client:broken\n' >"$work/passwords"
kill -HUP "$password"
# MqttReasonBrokerSilent needs four scrapes that saw more records.
wait_for 120 scraped 5 || die 'Prometheus does not scrape.'
kill -STOP "$hung"
printf 'ok     the password file is broken and the broker "hung" is stopped: after %d s\n' "$((SECONDS - began))"

pages=('expired MqttReasonNobodyGetsIn' 'password MqttReasonNobodyGetsIn' 'hung MqttReasonBrokerSilent')
for page in "${pages[@]}"; do
  wait_for $((300 - SECONDS + began)) was_sent firing "$page" || failed 'a page within five minutes' "$page" "$(sent firing)"
  printf 'ok     %s: %d s after the start\n' "$page" "$((SECONDS - began))"
done
while IFS=$'\t' read -r status name severity broker runbook_url _ dashboard_url; do
  [[ $status == firing && $severity == critical ]] || continue
  printf '%s:\n' "$broker"
  links_open "$runbook_url" "$name" "$dashboard_url"
done <"$notified"

printf -- '---- all is well again\n'
cp "$work/valid.crt" "$work/server.crt"
cp "$work/valid.key" "$work/server.key"
cp "$work/passwords.good" "$work/passwords"
kill -HUP "$expired" "$password"
kill -CONT "$hung"
began=$SECONDS
for page in "${pages[@]}"; do
  wait_for 400 was_sent resolved "$page" || failed 'a page is resolved' "$page" "$(sent resolved)"
  printf 'ok     %s is resolved: after %d s\n' "$page" "$((SECONDS - began))"
done
check 'critical alerts' "$(printf '%s\n' "${pages[@]}" | sort)" "$(awk -F '\t' '$3 == "critical" { print $4, $2 }' "$notified" | sort -u)"
printf 'All that the webhook received:\n%s\n' "$(cut -f 1-4 "$notified" | sort | uniq -c)"
