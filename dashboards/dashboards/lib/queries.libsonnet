// SPDX-License-Identifier: Apache-2.0
// What the panels ask: selectors, sums and the four ways to be turned away, each written once.
//
// The raw metrics are asked, so that the dashboards work as soon as they are imported, with any $__rate_interval; only the fleet asks the
// recording rules, because they are what travels to where many Prometheuses come together.
local g = import 'grafana.libsonnet';

local ofInstance = 'job=~"$job", instance=~"$instance"';
local ofBroker = ofInstance + ', broker=~"$broker"';
local with(selector, more) = if more == '' then selector else selector + ', ' + more;
local by(labels) = if labels == '' then '' else ' by (%s)' % labels;

{
  local q = self,

  ofBroker: ofBroker,

  // ---- Selectors: metric{…}, of a broker or (process_* and the like) of an exporter.
  of(metric, more=''): '%s{%s}' % [metric, with(ofBroker, more)],
  ofExporter(metric, more=''): '%s{%s}' % [metric, with(ofInstance, more)],
  codes(more=''): q.of('mqtt_reason_codes_total', more),
  closes(more=''): q.of('mqtt_reason_closes_without_code_total', more),
  denials(more=''): q.of('mqtt_reason_denials_without_code_total', more),

  // ---- A counter a second, a minute (what clients meet, as the alerts say it), and in the whole time range.
  perSecond(series, labels=''): 'sum%s (rate(%s[$__rate_interval]))' % [by(labels), series],
  perMinute(series, labels=''): '60 * ' + q.perSecond(series, labels),
  inRange(series, labels=''): 'sum%s (increase(%s[$__range]))' % [by(labels), series],

  // ---- The ways to be turned away. What the broker sends; a client's own refusals are on "Reason codes".
  refused: 'class="error", packet="CONNACK"',
  deniedPublish: 'class="error", packet=~"PUBACK|PUBREC", direction="sent"',
  deniedSubscribe: 'class="error", packet=~"SUBACK|UNSUBACK"',
  disconnected: 'class="error", packet="DISCONNECT", direction="sent"',
  closed: 'class="error"',  // of closes
  denied(action): 'class="error", action="%s"' % action,  // of denials
  // A connection is either ended with a code or without one: these two are different events.
  local dropped(function_, window) =
    'sum (%s(%s[%s]) or %s(%s[%s]))' % [function_, q.codes(q.disconnected), window, function_, q.closes(q.closed), window],
  // Of all ends, with a code or without, whatever the class.
  endsInRange: 'sum (increase(%s[$__range]) or increase(%s[$__range]))' % [q.codes('packet="DISCONNECT"'), q.closes()],
  droppedInRange: dropped('increase', '$__range'),
  droppedPerMinute: '60 * ' + dropped('rate', '$__rate_interval'),

  // A denial has a code or has none: these two are different events, too.
  local refusedRequests(function_, codes, action, window) =
    'sum (%s(%s[%s]) or %s(%s[%s]))' % [function_, q.codes(codes), window, function_, q.denials(q.denied(action)), window],
  deniedInRange(codes, action): refusedRequests('increase', codes, action, '$__range'),
  deniedPerMinute(codes, action): '60 * ' + refusedRequests('rate', codes, action, '$__rate_interval'),
  // Nothing where no record read so far proves that a source shows any of it: a 0 would be an all-clear.
  whereVisible(expr, packets): '%s and on () (max(%s) == 1)' % [expr, q.of('mqtt_reason_observable', 'packet=~"%s"' % packets)],

  // The five greatest of the time range, and the sum of the others: what a person can distinguish in one panel.
  local chosen(series, labels) =
    '%s and on (%s) topk(5, sum by (%s) (increase(%s[$__range] @ end())))' % [q.perMinute(series, labels), labels, labels, series],
  topFive(series, labels, legend): [
    g.query(q.occurred(chosen(series, labels)), legend),
    g.query('(%s - sum (%s)) > 0.01' % [q.perMinute(series), chosen(series, labels)], 'all others'),
  ],

  ratio(part, whole): '%s / (%s > 0)' % [part, whole],
  occurred(expr): '(%s) > 0' % expr,
  copied(expr, from, to): 'label_replace(%s, "%s", "$1", "%s", "(.+)")' % [expr, to, from],

  // Prometheus' own series of what it fires. Alerts about an exporter have no broker.
  alerts: 'max by (alertname, severity, broker) (ALERTS{alertname=~"Mqtt.+", alertstate="firing", job=~"$job", broker=~"$broker|"})',

  // ---- What annotations show.
  annotations: [
    g.annotation('Alerts', q.alerts, 'red', '{{alertname}}', '{{severity}} {{broker}}'),
    g.annotation(
      'Exporter started',
      '1000 * %s' % q.ofExporter('process_start_time_seconds'),
      'blue',
      'Exporter started',
      '{{instance}}',
      atValue=true
    ),
    g.annotation(
      'Configuration read',
      '1000 * %s' % q.ofExporter('mqtt_reason_config_last_reload_success_timestamp_seconds'),
      'purple',
      'Configuration read',
      '{{instance}}',
      atValue=true
    ),
  ],

  // ---- Variables of every dashboard, from a metric of each exporter and one of each broker.
  // "All" jobs are the exporters' and no others: process_* is everybody's.
  variablesFrom(ofExporter, ofBroker): [
    g.variables.datasource,
    g.variables.query('job', 'Job', 'label_values(%s, job)' % ofExporter),
    g.variables.query('instance', 'Exporter', 'label_values(%s{job=~"$job"}, instance)' % ofExporter, '.+'),
    g.variables.query('broker', 'Broker', 'label_values(%s{%s}, broker)' % [ofBroker, ofInstance], '.+'),
  ],
  variables: q.variablesFrom('mqtt_reason_exporter_build_info', 'mqtt_reason_source_up'),
}
