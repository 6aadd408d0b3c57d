#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test.sh EXPORTER   The dashboards and the runbook are what their sources make, and ask for what exists.
#
# Needs jsonnet, prometheus (promtool) and python3-yaml, and nothing from the network.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
exporter=$1
export PYTHONDONTWRITEBYTECODE=1

mapfile -t sources < <(find "$root/dashboards/dashboards" -name '*.libsonnet')
jsonnetfmt --test "${sources[@]}"
"$root/dashboards/dashboards/generate.py" --check "$exporter"
"$here/lint_test.py" "$root/dashboards/mqtt-reason-overview.json" "$root/dashboards/rules.yaml"
"$here/lint.py" --rules "$root/dashboards/rules.yaml" "$exporter" "$root"/dashboards/mqtt-reason-*.json
"$here/runbook_check.py" "$exporter" "$root/dashboards/RUNBOOK.md" "$root/dashboards/alerts.yaml" "$root/dashboards/rules.yaml"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/as_rules.py" "$root"/dashboards/mqtt-reason-*.json >"$work/queries.yaml"
promtool check rules "$work/queries.yaml"
