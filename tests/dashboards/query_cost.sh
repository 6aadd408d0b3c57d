#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# query_cost.sh EXPORTER [BROKERS [HOURS [DASHBOARD...]]]
#
# What opening a dashboard costs a Prometheus: its CPU time for each query and for all, with BROKERS (100) exporters that were scraped
# and evaluated every 15 s, over the last HOURS (6). Without a DASHBOARD all are asked; the aim is at most 2 s for Overview. What was
# scraped is written by a_day.py (twice the HOURS: some panels compare with the time before); what the rules of dashboards/ record of it
# is computed by promtool. KEEP=DIRECTORY keeps the storage of Prometheus, or takes the one that is there, with new rules.
# By hand, not by ./test: it writes some GB and takes about ten minutes.
set -euo pipefail
# shellcheck source=tests/fleet/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../fleet/lib.sh"
here=$root/tests/dashboards
exporter=$1
brokers=${2:-100}
hours=${3:-6}
boards=("${@:4}")
[[ ${#boards[@]} -gt 0 ]] || boards=("$root"/dashboards/mqtt-reason-*.json)
export PYTHONDONTWRITEBYTECODE=1
storage=${KEEP:-$work}
port=$(free_port 21090)
printf 'global: {scrape_interval: 15s}\n' >"$work/data.yaml"

# Blocks of two hours, as Prometheus writes them.
if [[ ! -e $storage/now ]]; then
  real_exposition "$exporter" log "$work/exposition"
  mkdir -p "$storage/scraped"
  now=$(($(date +%s) / 7200 * 7200))
  for ((from = now - 2 * hours * 3600; from < now; from += 7200)); do
    "$here/a_day.py" samples "$work/exposition" "$brokers" "$from" $((from + 7200)) "$now" >"$work/samples"
    "$promtool" tsdb create-blocks-from -q openmetrics "$work/samples" "$storage/scraped"
  done
  rm "$work/samples"
  printf '%s\n' "$now" >"$storage/now"
fi
now=$(<"$storage/now")
cp -rl "$storage/scraped" "$work/data"  # links: blocks never change

serve() {
  start prometheus "$prometheus" --config.file="$work/data.yaml" --storage.tsdb.path="$work/data" --storage.tsdb.retention.time=10y --query.timeout=1h \
    --web.listen-address="127.0.0.1:$port"
  wait_for 60 curl -sf "http://127.0.0.1:$port/-/ready" || die "Prometheus does not start: $(tail -n 5 "$work/prometheus")"
}
mkdir "$work/rules"
"$here/a_day.py" rules "$root/dashboards/rules.yaml" "$work/rules" "${boards[@]}"
for rules in "$work"/rules/*.yaml; do
  serve
  ranges=${rules%.yaml}
  "$promtool" tsdb create-blocks-from rules --url "http://127.0.0.1:$port" --start $((now - ${ranges##*-} * hours * 3600)) --end "$now" \
    --eval-interval 15s --output-dir "$work/recorded" "$rules" >"$work/recording" 2>&1 || die "promtool records nothing: $(tail -n 5 "$work/recording")"
  stop_all
  mv "$work"/recorded/0* "$work/data"
  rm -rf "$work/recorded"
done

# Its blocks overlap now, so Prometheus compacts them, a minute after its start.
own() { curl -fsS "http://127.0.0.1:$port/metrics" | awk -v metric="$1" '$1 == metric { print $2 }'; }
serve
sleep 70
before=$(own process_cpu_seconds_total)
for _ in {1..100}; do
  sleep 5
  after=$(own process_cpu_seconds_total)
  awk -v a="$before" -v b="$after" 'BEGIN { exit b - a > 0.2 }' && break
  before=$after
done
printf '%s; %s brokers\n' "$("$prometheus" --version 2>&1 | head -n 1)" "$brokers"
"$here/query_cost.py" "http://127.0.0.1:$port" "$hours" "$now" "${boards[@]}"
