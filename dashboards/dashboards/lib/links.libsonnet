// SPDX-License-Identifier: Apache-2.0
// Links from a row or a legend to the dashboard, the runbook or the exporter that says more, with what was clicked chosen there.
//
// In a table a label is the field of that name, and what is not in the row is chosen as it is on this dashboard. "All" is Grafana's
// word for every value of a variable.
local field(name) = '${__data.fields["%s"]}' % name;
local label(name) = '${__field.labels.%s}' % name;

local dashboard(uid, chosen) =
  local here = ['${%s:queryparam}' % name for name in ['datasource', 'job', 'instance', 'broker'] if !std.objectHas(chosen, name)];
  '/d/%s?%s&${__url_time_range}' % [uid, std.join('&', here + ['var-%s=%s' % [name, chosen[name]] for name in std.objectFields(chosen)])];

{
  // Values of a row, by the title of its column (or the name of a hidden field); values of a line, by its label.
  field: field,
  label: label,

  codes(chosen): { title: 'Reason codes', url: dashboard('mqtt-reason-codes', { class: 'All' } + chosen) },
  connections(chosen): { title: 'Connections', url: dashboard('mqtt-reason-connections', chosen) },
  overview(chosen): { title: 'Overview', url: dashboard('mqtt-reason-overview', chosen) },
  health(chosen): { title: 'Exporter health', url: dashboard('mqtt-reason-exporter', chosen) },

  // The page of an exporter, and a chapter of the runbook, which by default the exporter serves too.
  exporter(instance): { title: "The exporter's page", url: 'http://%s/' % instance },
  // Who it was: the clients with the most of this reason, and the last events.
  clients(instance, reason): { title: 'Which clients', url: 'http://%s/clients?reason=%s' % [instance, reason] },
  events(instance, reason): { title: 'Recent events', url: 'http://%s/events?reason=%s' % [instance, reason] },
  runbook(base, instance, reason): { title: 'Runbook', url: std.strReplace(base, '{{ $labels.instance }}', instance) + '#' + reason },
}
