#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# travel.sh EXPORTER
#
# Shows that the recorded series are all that has to travel from many Prometheuses to one. A shard scrapes exporters, with the
# rules and alerts of dashboards/, and writes only what its rules record to a centre, which has nothing but the alerts. Every
# alert about clients fires in both, for the same labels, so that one Alertmanager takes them for one. Prints which did, and
# how many queries of each dashboard the centre can answer.
#
# By hand, not by ./test: it takes some minutes, because errors of a week are recorded once in five. Alerts wait for 15 s only.
set -euo pipefail
# shellcheck source=tests/fleet/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
export PYTHONDONTWRITEBYTECODE=1
exporters=6

real_exposition "$1" log "$work/exposition"
served=$(free_port 21000)
start exporters "$fleet/exporters.py" "$served" "$work/exposition"
wait_for 10 curl -sf "http://127.0.0.1:$served/0/metrics" || die "exporters.py serves nothing: $(cat "$work/exporters")"

sed 's/for: ".*"/for: "15s"/' "$root/dashboards/alerts.yaml" >"$work/alerts.yaml"
centre_port=$(free_port 21091)
printf 'global: {evaluation_interval: 5s}\nrule_files: [alerts.yaml]\n' >"$work/centre.yaml"
{
  printf 'global: {scrape_interval: 5s, evaluation_interval: 5s, external_labels: {cluster: east}}\n'
  printf 'rule_files: ["%s/rules.yaml", alerts.yaml]\n' "$root/dashboards"
  cat <<YAML
remote_write:
  - url: http://127.0.0.1:$centre_port/api/v1/write
    write_relabel_configs:
      - {source_labels: [__name__], regex: "broker.*:mqtt_reason_.*", action: keep}
YAML
  scrape_configs "$served" "$exporters"
} >"$work/shard.yaml"

# What the shard would have written in the week before.
"$fleet/history.py" "$work/exposition" "$exporters" 10 >"$work/history"
"$promtool" tsdb create-blocks-from --max-block-duration=384h -q openmetrics "$work/history" "$work/shard"
sed -i 's/{job=/{cluster="east",job=/' "$work/history"
"$promtool" tsdb create-blocks-from --max-block-duration=384h -q openmetrics "$work/history" "$work/centre"

start_prometheus centre "$centre_port" --web.enable-remote-write-receiver
shard_port=$(free_port 21092)
start_prometheus shard "$shard_port"
"$prometheus" --version 2>&1 | head -n 1
"$fleet/travelled.py" "http://127.0.0.1:$shard_port" "http://127.0.0.1:$centre_port" "$root/dashboards"
