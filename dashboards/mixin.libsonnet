// Rules, alerts and dashboards as a mixin, with the four roots that pipelines for mixins know: _config, grafanaDashboards,
// prometheusAlerts, prometheusRules. rules.yaml and alerts.yaml are made from it by make.sh.
{
  _config:: {},
  // What dashboards there are, by file name.
  grafanaDashboards:: {},
  prometheusAlerts:: {},
  prometheusRules:: {},
}
+ (import 'config.libsonnet')
+ (import 'rules.libsonnet')
+ (import 'alerts.libsonnet')
+ (import 'dashboards/dashboards.libsonnet')
