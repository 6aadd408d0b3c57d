// SPDX-License-Identifier: Apache-2.0
// The root grafanaDashboards of the mixin: each dashboard under its uid. They read _config and _records of the mixin.
//
// Jsonnet with a small library of our own (lib/grafana.libsonnet): it is in Debian, the rules and every other mixin are written in it,
// and who uses a mixin can override each field. Grafana's foundation SDK knows all fields of all panels, but comes from outside of
// Debian in a version for each Grafana; of the fields that we use tests/dashboards/lint.py has the list.
local files = [
  import 'overview.libsonnet',
  import 'codes.libsonnet',
  import 'connections.libsonnet',
  import 'fleet.libsonnet',
  import 'exporter.libsonnet',
];

{
  local dashboards = [file(self) for file in files],

  grafanaDashboards+:: { [dashboard.uid + '.json']: dashboard for dashboard in dashboards },
}
