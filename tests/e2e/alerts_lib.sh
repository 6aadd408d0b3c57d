# SPDX-License-Identifier: Apache-2.0
# What the scripts about alerts share: Prometheus with the rules and alerts of dashboards/, Alertmanager, and what receives its
# webhook. Sourced instead of lib.sh.
# shellcheck shell=bash
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1
tests=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
dashboards=$(realpath "$tests/../dashboards")

prometheus_port=$(free_port $((http_port + 1)))
alertmanager_port=$(free_port $((prometheus_port + 1)))
webhook_port=$(free_port $((alertmanager_port + 1)))
# shellcheck disable=SC2034
prometheus=http://127.0.0.1:$prometheus_port
# shellcheck disable=SC2034
alertmanager=http://127.0.0.1:$alertmanager_port
# The alerts that the webhook received, a row each: status, name, severity, broker, runbook_url, summary, dashboard_url.
notified=$work/notified.rows

start_webhook() {
  touch "$notified"
  start webhook python3 "$tests/support/webhook.py" --listen "127.0.0.1:$webhook_port" --rows "$notified"
  wait_for "$PATIENCE" answers "$webhook_port" || die 'The receiver of the webhook does not start.'
}

# start_alertmanager: with the inhibition rules; it sends everything to the webhook.
start_alertmanager() {
  {
    cat "$dashboards/inhibit.yaml"
    printf 'route: {receiver: webhook, group_by: [alertname, broker], group_wait: 1s, group_interval: 1s}\n'
    printf 'receivers: [{name: webhook, webhook_configs: [{url: "http://127.0.0.1:%s/"}]}]\n' "$webhook_port"
  } >"$work/alertmanager.yml"
  start alertmanager prometheus-alertmanager --config.file="$work/alertmanager.yml" --storage.path="$work/alertmanager" \
    --web.listen-address="127.0.0.1:$alertmanager_port" --cluster.listen-address= --log.level=warn
  wait_for "$PATIENCE" answers "$alertmanager_port" || die 'Alertmanager does not start.'
}

# start_prometheus INTERVAL: scrapes the exporter and evaluates rules and alerts so often. Errors are counted each five seconds instead
# of each minute.
start_prometheus() {
  sed 's/interval: "1m"/interval: "5s"/; s/offset 75s/offset 20s/' "$dashboards/rules.yaml" >"$work/rules.yaml"
  cat >"$work/prometheus.yml" <<YAML
global: {scrape_interval: $1, evaluation_interval: $1}
rule_files: [rules.yaml, "$dashboards/alerts.yaml"]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:$alertmanager_port"]}]}]}
scrape_configs:
  - {job_name: mqtt-reason, static_configs: [{targets: ["127.0.0.1:$http_port"]}]}
YAML
  start prometheus prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --web.listen-address="127.0.0.1:$prometheus_port" --log.level=warn
  wait_for "$PATIENCE" answers "$prometheus_port" || die 'Prometheus does not start.'
}

# sent STATUS: "BROKER ALERT" of each alert that the webhook received as firing or resolved.
sent() { awk -F '\t' -v status="$1" '$1 == status { print $4, $2 }' "$notified" | sort -u; }
was_sent() { sent "$1" | grep -qx -- "$2"; }

# links_open RUNBOOK_URL ALERT DASHBOARD_URL: the links of a notification lead to the chapter of its alert and to a page.
links_open() {
  check "the runbook of $2 opens, at its chapter" "id=\"${2,,}\"" "$(curl -fsS --max-time 10 "$1" | grep -o "id=\"${1#*#}\"" || true)"
  check "the page of $2 opens" 1 "$(curl -fsS --max-time 10 "$3" | grep -c '<h1>' || true)"
}
