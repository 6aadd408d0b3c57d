#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make.sh                    makes rules.yaml, alerts.yaml, inhibit.yaml and prometheusrule.yaml from mixin.libsonnet
# make.sh DIRECTORY [NAME]   makes them, or one of them, there
#
# Needs jsonnet (a package of Debian and Ubuntu). Takes most of a minute.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
to=${1:-$here}
only=${2:-}

# make_yaml EXPRESSION NAME SENTENCE: the expression is of jsonnet and has the mixin as `mixin`.
make_yaml() {
  [[ -z $only || $only == "$2" ]] || return 0
  local yaml
  yaml=$(jsonnet -S -e "local mixin = import '$here/mixin.libsonnet'; std.manifestYamlDoc($1, quote_keys=false)")
  printf '# %s Made from mixin.libsonnet by make.sh; tested by tests/rules.\n%s\n' "$3" "$yaml" >"$to/$2"
}

make_yaml mixin.prometheusRules rules.yaml 'Recording rules for Prometheus: rule_files: [rules.yaml, alerts.yaml].'
make_yaml mixin.prometheusAlerts alerts.yaml 'Alerts for Prometheus, on the series of rules.yaml: rule_files: [rules.yaml, alerts.yaml].'
make_yaml mixin.alertmanagerInhibitions inhibit.yaml 'Inhibition rules for Alertmanager: copy them into the inhibit_rules of alertmanager.yml.'
make_yaml mixin.prometheusRule prometheusrule.yaml 'rules.yaml and alerts.yaml for the Prometheus Operator; kustomization.yaml applies it.'
