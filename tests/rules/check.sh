#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check.sh EXPORTER: rules and alerts are what mixin.libsonnet makes, are sound, and fire when they should; all they name is
# there, and the lint that says so finds what is wrong.
set -euo pipefail
exporter=$1
export PYTHONDONTWRITEBYTECODE=1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dashboards=$here/../../dashboards
# shellcheck source=tests/lib.sh
source "$here/../lib.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# make.sh takes a minute to write all as YAML: the others are compared by their content.
"$dashboards/make.sh" "$work" inhibit.yaml
cmp "$work/inhibit.yaml" "$dashboards/inhibit.yaml" || die 'dashboards/inhibit.yaml is not what mixin.libsonnet makes: run dashboards/make.sh'
jsonnet -e "local mixin = import '$dashboards/mixin.libsonnet';
  { rules: mixin.prometheusRules, alerts: mixin.prometheusAlerts, prometheusrule: mixin.prometheusRule }" >"$work/made.json"
python3 - "$work/made.json" "$dashboards" <<'END'
import json, sys, yaml
for name, content in json.load(open(sys.argv[1])).items():
    if yaml.load(open(f"{sys.argv[2]}/{name}.yaml"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)) != content:
        sys.exit(f"dashboards/{name}.yaml is not what mixin.libsonnet makes: run dashboards/make.sh")
END
promtool check rules "$dashboards/rules.yaml" "$dashboards/alerts.yaml" "$here/limits.yaml"
{
  cat "$dashboards/inhibit.yaml"
  printf 'route: {receiver: nobody}\nreceivers: [{name: nobody}]\n'
} >"$work/alertmanager.yml"
amtool check-config "$work/alertmanager.yml"

# The four roots of a mixin, and that one of them can be overridden.
jsonnet -e "local mixin = (import '$dashboards/mixin.libsonnet') + {
  _config+:: { selector: 'job=\"mqtt\"', runbookURL: 'https://here', grafanaURL: 'https://there', severities+: { critical: 'page' },
    limits+: { MqttReasonPublishDenied+: { floor: 77 } } } };
  assert std.setDiff(['_config', 'grafanaDashboards', 'prometheusAlerts', 'prometheusRules'], std.objectFieldsAll(mixin)) == [] : 'roots';
  [mixin.prometheusRules, mixin.prometheusAlerts]" >"$work/overridden"
grep -q ', 77)' "$work/overridden"
grep -q '"severity": "page"' "$work/overridden"
# shellcheck disable=SC2016
grep -qF '"https://there/d/mqtt-reason-codes?var-job={{ $labels.job | urlquery }}&' "$work/overridden"
grep -q 'mqtt_reason_codes_total{job=\\"mqtt\\"}' "$work/overridden"
grep -q 'https://here#mqttreasonpublishdenied' "$work/overridden"
grep '"expr"' "$work/overridden" | grep -oE '[a-z0-9_:]*mqtt_reason_[a-z0-9_:]+(\{job=\\"mqtt\\")?' >"$work/selectors"
if grep -v '{job=' "$work/selectors"; then die 'These do not take what _config.selector says.'; fi
# With an address, the tables of the dashboards lead to the runbook.
jsonnet -e "((import '$dashboards/mixin.libsonnet') + { _config+:: { runbookURL: 'https://here' } }).grafanaDashboards" >"$work/linked"
grep -q '"url": "https://here#' "$work/linked"
# A shard of a fleet.
jsonnet -e "((import '$dashboards/mixin.libsonnet') + { _config+:: { brokerSelector: 'broker=~\"a.*\"' } }).prometheusRules" >"$work/shard"
grep '"expr"' "$work/shard" | grep -v 'mqtt_reason_exporter' | grep -oE '[a-z0-9_:]*mqtt_reason_[a-z0-9_:]+(\{broker=~)?' >"$work/selectors"
if grep -v '{broker=~' "$work/selectors"; then die 'These do not take what _config.brokerSelector says.'; fi

"$here/../support/promql_test.py"
"$here/lint.py" "$exporter"
# finds WRONG SED: with that change of rules.yaml or alerts.yaml the lint says WRONG.
finds() {
  mkdir -p "$work/changed"
  cp "$dashboards"/*.yaml "$work/changed"
  sed -i "$2" "$work/changed"/*.yaml
  if "$here/lint.py" "$exporter" "$work/changed" >"$work/said"; then die "The lint finds nothing wrong with $2"; fi
  grep -qF "$1" "$work/said" || die "The lint does not say '$1' but: $(cat "$work/said")"
}
finds 'there is no metric mqtt_reason_source_upp' 's/mqtt_reason_source_up == 0/mqtt_reason_source_upp == 0/'
finds 'has no label packed' 's/packet="CONNACK"/packed="CONNACK"/'
finds 'there is no reason packet_too_big' 's/reason=\\"packet_too_large/reason=\\"packet_too_big/'
finds 'no metric in it has the label colour' 's/without (reason, class)/without (reason, colour)/'
finds 'no metric in it has the label client' 's/labels.broker }} refuses/labels.client }} refuses/'
finds 'which is not recorded' 's/changes5m) >= 3/changes5m and mqtt_reason_codes_total) >= 3/'
finds "['MqttReasonAuthenticationSteady']" '/for: "3h"/,/severity/s/"warning"/"critical"/'
finds 'dashboard_url is not an absolute address' 's|dashboard_url: "http:/|dashboard_url: "|'
finds 'fires when …" expects it' 's/MqttReasonSourceDown/MqttReasonSourceLost/; s/mqttreasonsourcedown/mqttreasonsourcelost/'
finds 'is a limit of no alert: MqttReasonTls' 's/^      alert: "MqttReasonTlsErrors"/      alert: "MqttReasonTls"/'
finds 'hides a more severe alert' 's/alertname=\\"MqttReasonAuthenticationBurst/alertname=\\"MqttReasonFirstInAWeek/'
printf '# Runbook\n## MqttReasonSourceDown\n' >"$work/RUNBOOK.md"
cp "$work/RUNBOOK.md" "$dashboards"/*.yaml "$work/changed"
if "$here/lint.py" "$exporter" "$work/changed" >"$work/said"; then die 'The lint does not miss headings of the runbook.'; fi
grep -qF 'RUNBOOK.md has no heading for #mqttreasonsourcesilent' "$work/said"
if grep -qF '#mqttreasonsourcedown' "$work/said"; then die 'The lint misses a heading that is there.'; fi

"$here/quiet.py" "$exporter" "$dashboards/rules.yaml" "$dashboards/alerts.yaml" >"$work/quiet_test.yaml"
for age in 'first hour' 'first days' 'first week' 'second month'; do
  "$here/scenarios.py" "$age" "$dashboards/rules.yaml" "$dashboards/alerts.yaml" >"$work/${age// /_}_test.yaml"
done
# Rules that are sharded by broker: both shards together do what all do.
for shard in '[a-m0-9].*' '[^a-m0-9].*'; do
  jsonnet -e "((import '$dashboards/mixin.libsonnet') + { _config+:: { brokerSelector: 'broker=~\"$shard\"' } }).prometheusRules" >"$work/rules_of_${#shard}.yaml"
  jsonnet -e "((import '$dashboards/mixin.libsonnet') + { _config+:: { brokerSelector: 'broker=~\"$shard\"' } }).prometheusAlerts" >"$work/alerts_of_${#shard}.yaml"
done
"$here/scenarios.py" 'first hour' "$work"/{rules,alerts}_of_*.yaml >"$work/two_shards_test.yaml"

# promtool_test FILE: its output only if it fails.
promtool_test() { promtool test rules "$1" >"$work/said.$$" 2>&1 || { cut -c 1-1000 "$work/said.$$" && return 1; }; }
export -f promtool_test
export work
# The longest first, two at a time. Less often a look for memory to free: a quarter less of the processor's time.
printf '%s\n' "$here/past_test.yaml" "$work/second_month_test.yaml" "$work"/{first_days,first_week,two_shards,first_hour,quiet}_test.yaml \
  "$here"/{clients,exporter,limits,nights,outages,recording,sources}_test.yaml | GOGC=400 xargs -P 2 -I '{}' bash -c "promtool_test '{}'" ||
  die 'These tests of rules and alerts failed.'
