# SPDX-License-Identifier: Apache-2.0
# What the scripts of this directory share. Sourced by them; afterwards $work is a directory of their own, and whatever they
# started ends with them. A script that fails prints the logs. MRE_BINARY may be a script that starts the exporter in a sandbox;
# if that makes it another process, MRE_PROCESSES names a file with its process id.
# shellcheck shell=bash
set -euo pipefail
# shellcheck source=tests/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
PATH=$PATH:/usr/sbin  # where Debian has mosquitto

PATIENCE=30  # seconds that anything awaited may take on a busy machine
PASSWORD=e2e-password
MRE_BINARY=$(realpath "${MRE_BINARY:?the exporter to test}")

umask 077
work=$(mktemp -d)
groups=()
# Where an exporter keeps its state.
export STATE_DIRECTORY=$work/state

# clean_up [STATUS]: ends the script with it, or with that of the last command.
clean_up() {
  local status=${1:-$?} group log
  trap - EXIT
  for group in "${groups[@]}"; do end_group "$group"; done
  leave_networks
  if [[ $status -ne 0 ]]; then
    for log in "$work"/*.log "$work"/*.out; do
      [[ ! -s $log ]] || printf -- '--- %s\n%s\n' "${log##*/}" "$(tail -n 40 "$log" | cut -c 1-300 | tr -d '\0')"
    done
  fi
  rm -rf "$work"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

# start NAME COMMAND...: in a process group of its own, with its output in $work/NAME.out. Sets $started.
start() {
  setsid setpriv --pdeathsig TERM "${@:2}" >>"$work/$1.out" 2>&1 </dev/null &
  started=$!
  groups+=("$started")
}

# has_rights_of_root: whether this process may do what root may (CAP_SYS_ADMIN, bit 21), under whatever user.
has_rights_of_root() { [[ $(id -u) -eq 0 ]] || ((0x$(awk '$1 == "CapEff:" { print $2 }' /proc/self/status) >> 21 & 1)); }

# stop PID: ends what `start` started.
stop() {
  end_group "$1"
  wait "$1" 2>/dev/null || true
}

# ---- Networks of its own, which end with the script.

# own_network NAME: a network namespace, with a loopback that is up. Where this system gives none the script ends: skipped.
own_network() {
  local name=mre-$$-$1
  if [[ $(id -u) -ne 0 ]] && ! has_rights_of_root; then
    printf 'skipped: a network namespace needs root\n'
    exit 0
  fi
  ip netns add "$name" 2>"$work/netns.out" || {
    printf 'skipped: this system gives no network namespace: %s\n' "$(cat "$work/netns.out")"
    exit 0
  }
  within "$1" ip link set lo up
}

# within NAME COMMAND...: in that network. Not "ip netns exec", nor "ip -n": they remount /, which inside a plain chroot is no
# mount point.
within() { nsenter --net="/run/netns/mre-$$-$1" "${@:2}"; }

leave_networks() {
  local path
  for path in "/run/netns/mre-$$-"*; do
    [[ ! -e $path ]] || ip netns delete "${path##*/}"
  done
}

# ---- Statements. Each prints what it proved, or fails.

failed() {
  printf 'FAILED %s: expected "%s", got "%s"\n' "$1" "$2" "$3"
  exit 1
}

# check WHAT WANT GOT
check() {
  [[ $3 == "$2" ]] || failed "$@"
  printf 'ok     %s: %s\n' "$1" "$2"
}

# check_text WHAT REGEX TEXT: the text has a line that matches.
check_text() {
  grep -Eq -- "$2" <<<"$3" || failed "$@"
  printf 'ok     %s\n' "$1"
}

# expect WHAT WANT COMMAND...: the command prints WANT now or soon.
expect() {
  local got deadline=$((SECONDS + PATIENCE))
  until got=$("${@:3}" 2>&1) && [[ $got == "$2" ]]; do
    [[ $SECONDS -lt $deadline ]] || failed "$1" "$2" "$got"
    sleep 0.1
  done
  printf 'ok     %s: %s\n' "$1" "$2"
}

# expect_success WHAT COMMAND...: the command succeeds now or soon.
expect_success() {
  wait_for "$PATIENCE" "${@:2}" || failed "$1" success failure
  printf 'ok     %s\n' "$1"
}

# ---- The exporter.

mqtt_port=$(free_port)
http_port=$(free_port $((mqtt_port + 1)))
url=http://127.0.0.1:$http_port

fetch() { curl -fsS --max-time 10 "$url$1"; }

# start_exporter ARGUMENT...: and waits until it serves. Sets $exporter.
start_exporter() {
  start exporter "$MRE_BINARY" "$@" --web.listen-address="127.0.0.1:$http_port"
  # shellcheck disable=SC2034
  exporter=$started
  wait_for "$PATIENCE" fetch /-/healthy || die 'The exporter does not serve.'
}

# exporter_process: the process id of the exporter, which MRE_BINARY may have started elsewhere.
exporter_process() { if [[ -n ${MRE_PROCESSES:-} ]]; then head -n 1 "$MRE_PROCESSES"; else printf '%s\n' "$exporter"; fi; }

# hall_config: writes the configuration of a broker "hall" that is read by its log, from its beginning, and by its events;
# prints its path.
hall_config() {
  cat >"$work/exporter.yaml" <<YAML
brokers:
  - name: hall
    profile: mosquitto
    sources:
      - {name: log, log: {path: "$broker_log", from: beginning}}
      - name: events
        mqtt:
          url: "mqtt://127.0.0.1:$mqtt_port"
          username: exporter
          password_file: "$work/exporter.password"
          qos: 0  # its own PUBACKs would be in the log that it counts
YAML
  printf '%s\n' "$work/exporter.yaml"
}

# sum_of METRIC [LABEL=VALUE...]: the sum of its series with these labels in the exposition on standard input; "none" if
# there is no such series.
sum_of() {
  awk '
    BEGIN {
      name = ARGV[1]
      for (i = 2; i < ARGC; ++i) {
        label = ARGV[i]
        sub(/=/, "=\"", label)
        wanted[i] = label "\""
      }
      ARGC = 1
    }
    index($0, name "{") != 1 && index($0, name " ") != 1 { next }
    {
      for (i in wanted) if (!index($0, "{" wanted[i]) && !index($0, "," wanted[i])) next
      sum += $NF
      ++series
    }
    END { if (series) printf "%.0f\n", sum; else print "none" }' "$@"
}

# counter METRIC [LABEL=VALUE...]: the same of the running exporter.
counter() { fetch /metrics | sum_of "$@"; }

codes() { counter mqtt_reason_codes_total "$@"; }
shadow_codes() { counter mqtt_reason_shadow_codes_total "$@"; }
closes() { counter mqtt_reason_closes_without_code_total "$@"; }
source_up() { counter mqtt_reason_source_up "$@"; }

# start_scraper PROMETHEUS-ARGUMENT...: a Prometheus that scrapes the exporter each second. Sets $prometheus, its address.
start_scraper() {
  local port
  port=$(free_port $((http_port + 1)))
  # shellcheck disable=SC2034
  prometheus=http://127.0.0.1:$port
  cat >"$work/prometheus.yml" <<YAML
global: {scrape_interval: 1s}
scrape_configs:
  - {job_name: mqtt, static_configs: [{targets: ["127.0.0.1:$http_port"]}]}
YAML
  start prometheus prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --web.listen-address="127.0.0.1:$port" --log.level=warn "$@"
}

# ---- The broker: Debian's mosquitto on loopback. User "client" may use open/#; user "exporter" may read the broker's log.

broker_log=$work/mosquitto.log

# prepare_mosquitto: its configuration, users and ACL.
prepare_mosquitto() {
  printf '%s\n' "client:$PASSWORD" "exporter:$PASSWORD" >"$work/passwords"
  mosquitto_passwd -U "$work/passwords"
  printf '%s' "$PASSWORD" >"$work/exporter.password"
  printf '%s\n' 'user client' 'topic readwrite open/#' 'user exporter' "topic read \$SYS/broker/log/#" >"$work/acl"
  {
    printf 'listener %s 127.0.0.1\nallow_anonymous false\n' "$mqtt_port"
    printf '%s\n' "password_file $work/passwords" "acl_file $work/acl"
    printf '%s\n' "log_dest file $broker_log" 'log_dest topic'
    printf 'log_type %s\n' error warning notice information debug
    # Started by root, mosquitto would become a user that cannot read this directory.
    if [[ $(id -u) -eq 0 ]]; then printf 'user root\n'; fi
  } >"$work/mosquitto.conf"
}

# start_mosquitto: and waits until it runs. Sets $broker.
start_mosquitto() {
  [[ -e $work/mosquitto.conf ]] || prepare_mosquitto
  start mosquitto mosquitto -c "$work/mosquitto.conf"
  # shellcheck disable=SC2034
  broker=$started
  wait_for "$PATIENCE" answers "$mqtt_port" || die 'The broker does not start.'
}

# Whether somebody listens on this port. A look at the kernel's table: a connection would be in the broker's log.
answers() { grep -Eqi "^ *[0-9]+: 0100007F:$(printf '%04X' "$1") [0-9A-F:]+ 0A " /proc/net/tcp; }

# publish ID VERSION TOPIC QOS [PASSWORD]
publish() {
  timeout 30 mosquitto_pub -h 127.0.0.1 -p "$mqtt_port" -i "$1" -V "$2" -u client -P "${5:-$PASSWORD}" -t "$3" -q "$4" \
    -m 21.5 >>"$work/clients.out" 2>&1
}

# publish_refused: the same, where the broker is to say no.
publish_refused() {
  printf 'expected: ' >>"$work/clients.out"
  publish "$@" || true
}

# repeat COUNT COMMAND...
repeat() {
  local i
  for ((i = 0; i < $1; ++i)); do "${@:2}"; done
}
