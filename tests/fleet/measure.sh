#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# measure.sh EXPORTER [SOURCES [MINUTES [COUNT...]]]
#
# What a fleet costs one Prometheus, with the rules and alerts of dashboards/: for 1, 10 and 100 exporters (COUNT) with a log,
# or with a log and events (SOURCES: log, log+mqtt), scraped and evaluated every 15 s for 8 MINUTES, and with a past of a week
# in its storage. Prints series, samples, memory, the time of scrapes and of each group of rules.
#
# By hand, not by ./test: it takes minutes, and its figures are of interest on a machine that does nothing else.
set -euo pipefail
# shellcheck source=tests/fleet/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
exporter=$1
sources=${2:-log}
minutes=${3:-8}
counts=("${@:4}")
[[ ${#counts[@]} -gt 0 ]] || counts=(1 10 100)
export PYTHONDONTWRITEBYTECODE=1

# measure COUNT
measure() {
  local exporters=$1 served port
  served=$(free_port 21000)
  start exporters "$fleet/exporters.py" "$served" "$work/exposition"
  wait_for 10 curl -sf "http://127.0.0.1:$served/0/metrics" || die "exporters.py serves nothing: $(cat "$work/exporters")"
  "$fleet/history.py" "$work/exposition" "$exporters" "$minutes" >"$work/history"
  "$promtool" tsdb create-blocks-from --max-block-duration=384h -q openmetrics "$work/history" "$work/fleet"
  rm "$work/history"
  {
    printf 'global: {scrape_interval: 15s, evaluation_interval: 15s}\n'
    printf 'rule_files: ["%s/rules.yaml", "%s/alerts.yaml"]\n' "$root/dashboards" "$root/dashboards"
    scrape_configs "$served" "$exporters"
  } >"$work/fleet.yaml"
  port=$(free_port 21090)
  start_prometheus fleet "$port"
  sleep $((minutes * 60 - 120))  # The last two minutes are watched.
  "$fleet/figures.py" "http://127.0.0.1:$port" "$exporters exporters with $sources" 15
  stop_all
  rm -rf "$work/fleet"
}

real_exposition "$exporter" "$sources" "$work/exposition"
printf '%s; one exporter serves %s bytes\n' "$("$prometheus" --version 2>&1 | head -n 1)" "$(stat -c %s "$work/exposition")"
for count in "${counts[@]}"; do measure "$count"; done
