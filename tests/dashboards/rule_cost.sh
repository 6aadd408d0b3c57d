#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# rule_cost.sh EXPORTER [COUNT [SOURCES [MINUTES]]]
#
# What the rules and alerts of dashboards/ cost a Prometheus, for COUNT (100) exporters with SOURCES (log, or log+mqtt) that are
# scraped and evaluated every 15 s. Two Prometheus scrape the same exporters, one with rules and a week of past, one without: the
# difference of their CPU time is that of the rules, also on a machine that is busy. Watched for the last two of MINUTES (5).
# Prints it as a share of the interval; the aim is at most 10 %. By hand, not by ./test.
set -euo pipefail
# shellcheck source=tests/fleet/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../fleet/lib.sh"
exporter=$1
count=${2:-100}
sources=${3:-log}
minutes=${4:-5}
export PYTHONDONTWRITEBYTECODE=1

real_exposition "$exporter" "$sources" "$work/exposition"
served=$(free_port 21000)
start exporters "$fleet/exporters.py" "$served" "$work/exposition"
wait_for 60 curl -sf "http://127.0.0.1:$served/0/metrics" || die "exporters.py serves nothing: $(cat "$work/exporters")"
"$fleet/history.py" "$work/exposition" "$count" "$minutes" >"$work/history"
"$promtool" tsdb create-blocks-from --max-block-duration=384h -q openmetrics "$work/history" "$work/with"
rm "$work/history"
for name in with without; do
  {
    printf 'global: {scrape_interval: 15s, evaluation_interval: 15s}\n'
    [[ $name == without ]] || printf 'rule_files: ["%s/rules.yaml", "%s/alerts.yaml"]\n' "$root/dashboards" "$root/dashboards"
    scrape_configs "$served" "$count"
  } >"$work/$name.yaml"
done
with=$(free_port 21090)
start_prometheus with "$with"
without=$(free_port $((with + 1)))
start_prometheus without "$without"

# own PORT METRIC: the sum of a metric of that Prometheus itself
own() { curl -fsS --max-time 60 "http://127.0.0.1:$1/metrics" | awk -v metric="$2" '{ name = $1; sub(/{.*/, "", name) } name == metric { sum += $2 } END { printf "%.3f\n", sum }'; }
cpu() { printf '%s %s %s\n' "$(own "$with" process_cpu_seconds_total)" "$(own "$without" process_cpu_seconds_total)" "$(date +%s.%N)"; }
sleep $((minutes * 60 - 120))
before=$(cpu)
sleep 120
after=$(cpu)
printf '%s; %s exporters with %s, %s series with rules, %s without; evaluations missed: %s\n' "$("$prometheus" --version 2>&1 | head -n 1)" "$count" "$sources" \
  "$(own "$with" prometheus_tsdb_head_series)" "$(own "$without" prometheus_tsdb_head_series)" "$(own "$with" prometheus_rule_group_iterations_missed_total)"
awk -v before="$before" -v after="$after" 'BEGIN {
  split(before, b); split(after, a); passed = a[3] - b[3]
  with = (a[1] - b[1]) / passed; without = (a[2] - b[2]) / passed
  printf "CPU with rules %.3f, without %.3f; rules and alerts %.2f s of 15 s = %.1f %% of the interval\n", with, without, 15 * (with - without), 100 * (with - without)
}'
curl -fsS "http://127.0.0.1:$with/metrics" | sed -n 's/^prometheus_rule_group_last_duration_seconds{rule_group=".*;\(.*\)"} \(.*\)/  \1 \2 s at the last evaluation (wall clock)/p'
