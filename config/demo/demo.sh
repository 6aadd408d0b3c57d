#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demo of ./run: Debian's mosquitto on loopback, a fleet of clients, some of which are refused, and the exporter, which
# follows the log of the broker and subscribes to its events. Debian's Prometheus and Alertmanager scrape it and evaluate the
# alerts of dashboards/.
#
#   demo.sh EXPORTER
#
# Runs in build/demo and leaves the logs there. Ctrl-C, TERM and HUP stop everything that it started.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lib.sh
source "$here/../../tests/lib.sh"
PATH=$PATH:/usr/sbin  # where Debian has mosquitto
exporter=$(realpath "$1")
seconds=${MRE_DEMO_SECONDS:-}

groups=()
end_all() {
  local index
  trap - EXIT
  for ((index = ${#groups[@]} - 1; index >= 0; --index)); do end_group "${groups[index]}"; done
}
trap end_all EXIT
interrupted=
trap 'interrupted=yes' INT TERM HUP

# start LOG COMMAND...: in a separate process group, which is terminated too if this script is killed
start() {
  setsid setpriv --pdeathsig TERM "${@:2}" >"$1" 2>&1 </dev/null &
  groups+=("$!")
}

prepare() {
  mkdir -p "$here/../../build"
  cd "$here/../../build"
  umask 077
  rm -rf demo
  mkdir demo
  cd demo
  mqtt_port=$(free_port)
  http_port=$(free_port 10883)
  prometheus_port=$(free_port 9090)
  alertmanager_port=$(free_port 9093)
  password=$(random_word)
  random_word >exporter.password
  touch mosquitto.log
  cp "$here/acl" acl
  printf '%s\n' "exporter:$(cat exporter.password)" "sensor:$password" "display:$password" >passwords
  mosquitto_passwd -U passwords
  {
    cat "$here/mosquitto.conf"
    printf 'listener %s 127.0.0.1\n' "$mqtt_port"
    # Started by root, mosquitto would switch to a user that cannot read this directory.
    if [[ $(id -u) -eq 0 ]]; then printf 'user root\n'; fi
  } >mosquitto.conf
  sed "s/127\.0\.0\.1:1883/127.0.0.1:$mqtt_port/" "$here/exporter.yaml" >exporter.yaml
  sed "s/127\.0\.0\.1:10883/127.0.0.1:$http_port/; s/127\.0\.0\.1:9093/127.0.0.1:$alertmanager_port/" "$here/prometheus.yml" >prometheus.yml
  cp "$here/alertmanager.yml" alertmanager.yml
}

random_word() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

metrics() { curl -fsS --max-time 5 "http://127.0.0.1:$http_port/metrics"; }

# The counters above 0, without the labels that are the same in all of them.
excerpt() {
  metrics | awk '
    !/^mqtt_reason_(codes|closes_without_code)_total/ || $NF == 0 { next }
    {
      for (name in label) delete label[name]
      rest = $0
      while (match(rest, /[a-z_]+="[^"]*"/)) {
        split(substr(rest, RSTART, RLENGTH), pair, "=")
        gsub(/"/, "", pair[2])
        label[pair[1]] = pair[2]
        rest = substr(rest, RSTART + RLENGTH)
      }
      if (/^mqtt_reason_codes/) what = label["packet"] " " label["direction"]
      else what = "closed by " label["initiator"]
      printf "  %-20s %-7s %-5s %-26s %-14s %6d\n", what, label["protocol"], label["code"], label["reason"], label["class"], $NF
    }'
}

ask_prometheus() { promtool query instant "http://127.0.0.1:$prometheus_port" "$1"; }

# The current alerts: NAME SEVERITY STATE, pending or firing.
alerts() {
  ask_prometheus 'group by (alertname, severity, alertstate) (ALERTS)' |
    sed -n 's/.*alertname="\(.*\)", alertstate="\(.*\)", severity="\(.*\)".*/\1 \3 \2/p'
}

declare -A severity_of state_of
changes=()  # lines about alerts, oldest first

changes_to() {
  state_of[$1]=$2
  changes+=("$(printf '%(%T)T   %-36s %-10s %s' -1 "$1" "${severity_of[$1]}" "$2")")
}

# Adds the changes since the last call.
note_changes() {
  local name severity state text
  local -A now=()
  text=$(alerts) || return 0
  while read -r name severity state; do
    [[ -n $name ]] || continue
    now[$name]=$state
    severity_of[$name]=$severity
    [[ ${state_of[$name]:-} == "$state" ]] || changes_to "$name" "$state"
  done <<<"$text"
  for name in "${!state_of[@]}"; do
    [[ -z ${now[$name]:-} ]] || continue
    case ${state_of[$name]} in
      pending) changes_to "$name" 'not firing' ;;
      firing) changes_to "$name" resolved ;;
    esac
  done
}

# Whether CONNACK and PUBACK errors and the informational 0x10 were counted.
has_seen_all() {
  local text
  text=$(metrics)
  local want
  for want in 'packet="CONNACK".*class="error"' 'packet="PUBACK".*class="error"' 'code="0x10".*class="informational"'; do
    grep -E "^mqtt_reason_codes_total\{.*$want.* [1-9][0-9]*\$" <<<"$text" >/dev/null || return 1
  done
}

# Whether Prometheus has scraped the exporter and evaluated the rules.
is_watched() { ask_prometheus 'count(broker_packet_direction_reason_class:mqtt_reason_codes:rate5m)' | grep -q '=> [1-9]'; }

prepare
start broker.out mosquitto -c mosquitto.conf
wait_for 10 grep -q ' running$' mosquitto.log || die "The broker did not start: $(cat broker.out mosquitto.log)"
start exporter.log "$exporter" serve --config.file=exporter.yaml --web.listen-address="127.0.0.1:$http_port"
wait_for 10 metrics || die "The exporter did not start: $(cat exporter.log)"
start alertmanager.log prometheus-alertmanager --config.file=alertmanager.yml --storage.path=alertmanager \
  --web.listen-address="127.0.0.1:$alertmanager_port" --cluster.listen-address= --log.level=warn
start prometheus.log prometheus --config.file=prometheus.yml --storage.tsdb.path=prometheus \
  --web.listen-address="127.0.0.1:$prometheus_port" --log.level=warn
wait_for 30 alerts || die "Prometheus did not start: $(cat prometheus.log)"
start fleet.log "$here/fleet.sh" "$mqtt_port" "$password"

say "mosquitto on 127.0.0.1:$mqtt_port · MQTT 5 and 3.1.1 clients · logs in build/demo · Ctrl-C stops the demo"
say "  exporter      http://127.0.0.1:$http_port/   and   http://127.0.0.1:$http_port/metrics"
say "  Prometheus    http://127.0.0.1:$prometheus_port/classic/alerts"
say "  Alertmanager  http://127.0.0.1:$alertmanager_port/api/v2/alerts   or   amtool --alertmanager.url=http://127.0.0.1:$alertmanager_port alert"
say 'The demo prints the counters every 5 s, and every change of an alert. After 15 s a client guesses passwords for 30 s:'
say 'MqttReasonAuthenticationBurst fires about one minute later and is resolved about five minutes after that. 0x10 occurs all the'
say 'time and fires no alert.'
end=$((SECONDS + ${seconds:-0}))
while [[ -z $interrupted ]]; do
  sleep 5 &
  wait $! || true
  [[ -z $interrupted ]] || break
  printf '\n  %-20s %-7s %-5s %-26s %-14s %6s\n' PACKET VERSION CODE REASON CLASS COUNT
  excerpt || [[ -n $interrupted ]] || die 'The exporter does not answer; see the logs in build/demo.'
  note_changes
  if [[ ${#changes[@]} -gt 0 ]]; then
    printf '\n  %-10s %-36s %-10s %s\n' TIME ALERT SEVERITY STATE
    printf '  %s\n' "${changes[@]}" | tail -n 8
  fi
  for group in "${groups[@]}"; do
    kill -0 "$group" 2>/dev/null || die "A process of the demo has ended; see the logs in build/demo."
  done
  if [[ -n $seconds && $SECONDS -ge $end ]]; then
    has_seen_all || die 'CONNACK errors, PUBACK errors or 0x10 were not counted; see the logs in build/demo.'
    wait_for 30 is_watched || die 'Prometheus has no rates of reason codes; see the logs in build/demo.'
    break
  fi
done
end_all
say 'All processes of the demo have ended.'
