// SPDX-License-Identifier: Apache-2.0
// Rules, alerts and dashboards as a mixin, with the four roots that pipelines for mixins know: _config, grafanaDashboards,
// prometheusAlerts, prometheusRules; and alertmanagerInhibitions and prometheusRule, which is rules and alerts for the Prometheus
// Operator. make.sh makes rules.yaml, alerts.yaml, inhibit.yaml and prometheusrule.yaml from it.
{
  _config:: {},
  // What dashboards there are, by file name.
  grafanaDashboards:: {},
  prometheusAlerts:: {},
  prometheusRules:: {},
  alertmanagerInhibitions:: {},
  prometheusRule:: {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name: 'mqtt-reason-exporter' },
    spec: { groups: $.prometheusRules.groups + $.prometheusAlerts.groups },
  },
}
+ (import 'config.libsonnet')
+ (import 'rules.libsonnet')
+ (import 'alerts.libsonnet')
+ (import 'inhibitions.libsonnet')
+ (import 'dashboards/dashboards.libsonnet')
