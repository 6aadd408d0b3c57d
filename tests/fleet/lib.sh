# SPDX-License-Identifier: Apache-2.0
# What measure.sh and travel.sh share: a real exposition, exporters made from it, and a Prometheus that scrapes them. Sourced by
# bash, with `set -euo pipefail` on. PROMETHEUS and PROMTOOL may name others than those of the PATH.
# shellcheck shell=bash
fleet=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034
root=$(cd "$fleet/../.." && pwd)
# shellcheck source=tests/lib.sh
source "$fleet/../lib.sh"
prometheus=${PROMETHEUS:-prometheus}
# shellcheck disable=SC2034
promtool=${PROMTOOL:-promtool}
work=$(mktemp -d)
started=()
end_all() {
  stop_all
  rm -rf "$work"
}
trap end_all EXIT

# start LOG COMMAND...: in a process group of its own, ended with the script.
start() {
  local log=$1
  shift
  setsid "$@" >"$work/$log" 2>&1 &
  started+=("$!")
}

# stop_all: ends what was started, the last first: a Prometheus before the one that it writes to.
stop_all() {
  local i
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do end_group "${started[i]}"; done
  started=()
}

# real_exposition EXPORTER SOURCES FILE: what the exporter serves of one broker with a log, or with a log and events.
real_exposition() {
  local port config=$work/exporter.yaml
  port=$(free_port 21083)
  touch "$work/broker.log"
  {
    printf 'web: {listen_addresses: ["127.0.0.1:%s"]}\nstate: {dir: none}\nbrokers:\n' "$port"
    case $2 in
      log) printf '  - {name: BROKER, profile: mosquitto, sources: [{name: log, log: {path: %s}}]}\n' "$work/broker.log" ;;
      log+mqtt)
        printf '  - {name: BROKER, profile: emqx, sources: [{name: log, log: {path: %s}}, ' "$work/broker.log"
        printf '{name: events, mqtt: {url: "mqtt://127.0.0.1:%s"}}]}\n' "$(free_port 21883)"
        ;;
      *) die "There is no such set of sources: $2. There are: log, log+mqtt" ;;
    esac
  } >"$config"
  start exporter "$1" --config.file "$config"
  local pid=${started[-1]}
  wait_for 10 curl -sf "http://127.0.0.1:$port/metrics" -o "$3" || die "The exporter serves nothing: $(cat "$work/exporter")"
  end_group "$pid"
}

# scrape_configs PORT COUNT: the exporters 0 to COUNT-1 of exporters.py.
scrape_configs() {
  local n
  printf 'scrape_configs:\n  - job_name: mqtt-reason\n    static_configs:\n'
  for ((n = 0; n < $2; n++)); do
    printf '      - {targets: ["127.0.0.1:%s"], labels: {__metrics_path__: /%s/metrics, instance: exporter-%s}}\n' "$1" "$n" "$n"
  done
}

# start_prometheus NAME PORT [OPTION...]: with the configuration NAME.yaml of the work directory.
start_prometheus() {
  local name=$1 port=$2
  shift 2
  start "$name.log" "$prometheus" --config.file="$work/$name.yaml" --storage.tsdb.path="$work/$name" \
    --web.listen-address="127.0.0.1:$port" "$@"
  wait_for 60 curl -sf "http://127.0.0.1:$port/-/ready" || die "Prometheus $name does not start: $(tail -n 5 "$work/$name.log")"
}
