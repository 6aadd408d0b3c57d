#!/usr/bin/env bash
# make.sh         makes rules.yaml, alerts.yaml and inhibit.yaml from mixin.libsonnet
# make.sh FOLDER  makes them there
#
# Needs jsonnet (a package of Debian and Ubuntu).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
to=${1:-$here}

# make_yaml ROOT NAME SENTENCE
make_yaml() {
  local yaml
  yaml=$(jsonnet -S -e "std.manifestYamlDoc((import '$here/mixin.libsonnet').$1, quote_keys=false)")
  printf '# %s Made from mixin.libsonnet by make.sh; tested by tests/rules.\n%s\n' "$3" "$yaml" >"$to/$2"
}

make_yaml prometheusRules rules.yaml 'Recording rules for Prometheus: rule_files: [rules.yaml, alerts.yaml].'
make_yaml prometheusAlerts alerts.yaml 'Alerts for Prometheus, on the series of rules.yaml: rule_files: [rules.yaml, alerts.yaml].'
make_yaml alertmanagerInhibitions inhibit.yaml 'Inhibition rules for Alertmanager: copy them into the inhibit_rules of alertmanager.yml.'
