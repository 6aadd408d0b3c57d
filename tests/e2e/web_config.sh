#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# TLS, passwords and client certificates: a real Prometheus scrapes with each of them, and others are refused. Changed files
# are read again without a restart, and broken files change nothing.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

url=https://localhost:$http_port
web=$work/web.yml
: >"$broker_log"

# ---- Certificates and passwords.

# certificate NAME COMMON_NAME NAMES: of our authority, with these subject alternative names.
certificate() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/$1.key" -subj "/CN=$2" -out "$work/$1.csr" 2>/dev/null
  openssl x509 -req -in "$work/$1.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
    -extfile <(printf 'subjectAltName=%s\n' "$3") -out "$work/$1.pem" 2>/dev/null
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" -subj '/CN=authority' -days 2 \
  -out "$work/ca.pem" 2>/dev/null
certificate first 'first server' 'DNS:localhost,IP:127.0.0.1'
certificate second 'second server' 'DNS:localhost,IP:127.0.0.1'
certificate prometheus 'prometheus' 'DNS:prometheus.example'
certificate other 'another client' 'DNS:other.example'

use_certificate() {
  cp "$work/$1.pem" "$work/server.pem"
  cp "$work/$1.key" "$work/server.key"
}
bcrypt() { perl -e "print crypt('$1', '\$2b\$10\$abcdefghijklmnopqrstuu')"; }

tls() { printf 'tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n'; }
passwords() { tls && printf 'basic_auth_users:\n  prometheus: %s\n' "$(bcrypt "$PASSWORD")"; }
client_certificates() {
  tls && printf '  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.pem\n  client_allowed_sans: [prometheus.example]\n'
}

# ---- Clients.

# as_client OPTION... PATH: what the exporter answers.
as_client() { curl -sS --max-time 20 --cacert "$work/ca.pem" "${@:1:$#-1}" "$url${*: -1}" 2>>"$work/curl.out"; }
# 000: there was no answer.
status_of() { as_client -o /dev/null -w '%{http_code}' "$@" || true; }
with_password() { as_client -f -u "prometheus:$PASSWORD" "$@"; }
with_certificate() { as_client -f --cert "$work/prometheus.pem" --key "$work/prometheus.key" "$@"; }
fetch() { with_password "$1" || with_certificate "$1"; }
# Whose certificate is served.
served() { openssl s_client -connect "127.0.0.1:$http_port" -CAfile "$work/ca.pem" </dev/null 2>/dev/null | sed -n 's/^subject=.*CN = //p;s/^subject=.*CN=//p'; }
successful() { fetch /metrics | sum_of mqtt_reason_web_config_last_reload_successful; }
refusals() { grep -c 'reload of the web configuration failed' "$work/exporter.out" || true; }

# start_served WHERE OPTION...: an exporter of the log at this address.
start_served() {
  start exporter "$MRE_BINARY" --log.path="$broker_log" --broker.profile=mosquitto --state.dir=none \
    --web.listen-address="$1:$http_port" "${@:2}"
  exporter=$started
}
await_answer() { expect_success "$1" answers_tls; }
answers_tls() { [[ -n $(served) ]]; }
warnings() { grep -c 'level=warn.*\(everyone who can connect to\|clear text\)' "$work/exporter.out" || true; }

# ---- Passwords, and who is refused.

use_certificate first
passwords >"$web"
status=0
"$MRE_BINARY" check web-config "$web" >"$work/check.out" 2>&1 || status=$?
check 'check web-config: exit code' 0 "$status"
check_text 'check web-config: says what the file means' 'basic authentication: 1 user' "$(cat "$work/check.out")"
promtool check web-config "$web" >"$work/promtool.out" 2>&1 || failed "promtool's opinion of the file" SUCCESS "$(cat "$work/promtool.out")"
printf "ok     promtool takes the file too\n"

start_served 0.0.0.0 --web.config.file="$web"
await_answer 'it serves with TLS'
check_text 'it says so' "serving https://0.0.0.0:$http_port/metrics" "$(cat "$work/exporter.out")"
check 'beyond loopback with passwords and TLS: warnings' 0 "$(warnings)"
for who in '' "nobody:$PASSWORD" 'prometheus:wrong' "Prometheus:$PASSWORD" 'prometheus:'; do
  check "status for \"${who:-nobody at all}\"" 401 "$(status_of ${who:+-u "$who"} /metrics)"
done
check 'the health page asks for it too' 401 "$(status_of /-/healthy)"
check 'status for prometheus' 200 "$(status_of -u "prometheus:$PASSWORD" /metrics)"
check 'status for prometheus, again' 200 "$(status_of -u "prometheus:$PASSWORD" /metrics)"
check_text '401 names the scheme' '^WWW-Authenticate: Basic' "$(as_client -D - -o /dev/null /metrics | tr -d '\r')"
if curl -fsS --max-time 10 "http://localhost:$http_port/metrics" >/dev/null 2>&1; then failed 'plain HTTP' refused answered; fi
printf 'ok     plain HTTP is refused\n'
check 'without the flag: POST /-/quit' 403 "$(status_of -u "prometheus:$PASSWORD" -X POST /-/quit)"
check_text 'it says which flag' '[-][-]web.enable-lifecycle' "$(as_client -u "prometheus:$PASSWORD" -X POST /-/reload)"

# ---- A real Prometheus.

prometheus_port=$(free_port $((http_port + 1)))
printf '%s' "$PASSWORD" >"$work/scrape.password"
cat >"$work/prometheus.yml" <<YAML
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: password
    scheme: https
    tls_config: {ca_file: $work/ca.pem}
    basic_auth: {username: prometheus, password_file: $work/scrape.password}
    static_configs: [{targets: ["localhost:$http_port"]}]
  - job_name: certificate
    scheme: https
    tls_config: {ca_file: $work/ca.pem, cert_file: $work/prometheus.pem, key_file: $work/prometheus.key}
    static_configs: [{targets: ["localhost:$http_port"]}]
YAML
start prometheus prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/prometheus" \
  --web.listen-address="127.0.0.1:$prometheus_port" --log.level=warn
up() { curl -fsS --max-time 10 --data-urlencode "query=up{job=\"$1\"}" "http://127.0.0.1:$prometheus_port/api/v1/query" | grep -o '"[01]"\]' | grep -o '[01]'; }
expect 'Prometheus scrapes with a password' 1 up password
expect 'and not without one' 0 up certificate

client_certificates >"$web"
expect 'a new web configuration: Prometheus scrapes with a client certificate' 1 up certificate
expect 'and not without one, though it knows the password' 0 up password
check 'the exporter has not been restarted' "$exporter" "$(pgrep -s "$exporter" -o)"
check 'status with a certificate of another name' 000 "$(status_of --cert "$work/other.pem" --key "$work/other.key" /metrics)"
check 'status without a certificate' 000 "$(status_of /metrics)"
check 'status with the right one' 200 "$(status_of --cert "$work/prometheus.pem" --key "$work/prometheus.key" /metrics)"
expect 'successful' 1 successful

# ---- Rotation, and broken files.

check 'served' 'first server' "$(served)"
use_certificate second
expect 'a rotated certificate is served' 'second server' served
expect 'Prometheus continues to scrape' 1 up certificate
check 'successful' 1 "$(successful)"

before=$(refusals)
cp "$work/first.key" "$work/server.key"
expect 'a key of another certificate: successful' 0 successful
check 'served' 'second server' "$(served)"
check_text 'it says why' "level=error .*$web:3:13: .*key_file.* does not match the certificate" "$(tail -n 1 "$work/exporter.out")"
check 'said once' $((before + 1)) "$(refusals)"
cp "$work/second.key" "$work/server.key"
expect 'the right key: successful' 1 successful

printf 'tls_server_confg: {}\n' >"$web"
expect 'a typo: successful' 0 successful
check 'a client certificate is still asked for' 000 "$(status_of /metrics)"
passwords >"$web"
expect 'a good one again: successful' 1 successful
expect 'Prometheus scrapes with a password' 1 up password
stop "$exporter"

# ---- The lifecycle paths.

printf 'brokers: [{name: hall, profile: mosquitto, sources: [{name: log, log: {path: %s}}]}]\n' "$broker_log" >"$work/exporter.yaml"
start exporter "$MRE_BINARY" --config.file="$work/exporter.yaml" --state.dir=none --web.listen-address="127.0.0.1:$http_port" \
  --web.config.file="$web" --web.enable-lifecycle
exporter=$started
await_answer 'it serves with the lifecycle paths'
check 'a stranger cannot stop it' 401 "$(status_of -X POST /-/quit)"
check 'nor can GET' 405 "$(status_of -u "prometheus:$PASSWORD" /-/quit)"
check 'reload' 'Reloaded' "$(with_password -X POST /-/reload)"
check 'reload by PUT' 'Reloaded' "$(with_password -X PUT /-/reload)"
printf 'brokers: [\n' >"$work/exporter.yaml"
check_text 'a broken configuration' "Reload failed: $work/exporter.yaml:" "$(as_client -u "prometheus:$PASSWORD" -X POST /-/reload)"
check 'its status' 500 "$(status_of -u "prometheus:$PASSWORD" -X POST /-/reload)"
check 'config successful' 0 "$(fetch /metrics | sum_of mqtt_reason_config_last_reload_successful)"
check 'quit' 'Stopping' "$(with_password -X POST /-/quit)"
status=0
wait "$exporter" || status=$?
check 'exit code after /-/quit' 0 "$status"
check_text 'it says why' 'stopping after a request to /-/quit' "$(cat "$work/exporter.out")"

# ---- What is said, and what is refused, at the start.

url=http://127.0.0.1:$http_port
before=$(warnings)
start_served 0.0.0.0
wait_for "$PATIENCE" curl -fsS "$url/-/ready" || die 'The exporter does not serve.'
check 'beyond loopback without authentication: warnings' $((before + 1)) "$(warnings)"
check 'no web configuration: its metric' none "$(curl -fsS "$url/metrics" | sum_of mqtt_reason_web_config_last_reload_successful)"
stop "$exporter"

# refuses WHAT REGEX: neither check nor start takes the file.
refuses() {
  local out status=0
  out=$("$MRE_BINARY" check web-config "$web" 2>&1) || status=$?
  check "$1: check web-config: exit code" 2 "$status"
  check_text "$1: check web-config: it says why" "$2" "$out"
  status=0
  out=$(timeout 20 "$MRE_BINARY" --log.path="$broker_log" --broker.profile=mosquitto --state.dir=none \
    --web.listen-address="127.0.0.1:$http_port" --web.config.file="$web" 2>&1) || status=$?
  check "$1: start: exit code" 2 "$status"
  check_text "$1: start: it says why" "$2" "$out"
}
chmod 0644 "$work/server.key"
refuses 'a key for everybody' 'server.key: others may read or change it'
chmod 0600 "$work/server.key"
rm "$work/server.pem"
refuses 'no certificate' "$web:2:14: .*cannot be read: No such file"
printf 'basic_auth_users: {prometheus: %s}\n' "$PASSWORD" >"$web"
refuses 'a password for its hash' 'is not a bcrypt hash'
if grep -q "$PASSWORD" "$work/exporter.out"; then failed 'the log' 'no password' "$(grep "$PASSWORD" "$work/exporter.out")"; fi
use_certificate first
{ tls && printf '  client_auth_type: RequireAnyClientCert\n'; } >"$web"
status=0
"$MRE_BINARY" check web-config "$web" >"$work/check.out" 2>&1 || status=$?
check 'check web-config with a warning: exit code' 1 "$status"
check_text 'check web-config with a warning' 'any certificate is accepted' "$(cat "$work/check.out")"
