// SPDX-License-Identifier: Apache-2.0
// Rules, alerts and dashboards as a mixin, with the four roots that pipelines for mixins know: _config, grafanaDashboards,
// prometheusAlerts, prometheusRules; and alertmanagerInhibitions. make.sh makes rules.yaml, alerts.yaml and inhibit.yaml from it.
{
  _config:: {},
  // What dashboards there are, by file name.
  grafanaDashboards:: {},
  prometheusAlerts:: {},
  prometheusRules:: {},
  alertmanagerInhibitions:: {},
}
+ (import 'config.libsonnet')
+ (import 'rules.libsonnet')
+ (import 'alerts.libsonnet')
+ (import 'inhibitions.libsonnet')
+ (import 'dashboards/dashboards.libsonnet')
