// SPDX-License-Identifier: Apache-2.0
// What the panels ask: selectors, sums and the four ways to be turned away, each written once.
//
// Rates over time and counts of errors are those that rules.yaml records: raw series of 100 brokers cost too much
// (tests/dashboards/query_cost.sh). What the rules do not record (protocol, code, evidence, source) is asked of the raw series.
local records = (import '../../rules.libsonnet')._records;
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

  // ---- Recorded rates. `errors` has all errors: those with a code have a packet, ends an initiator, denials an action.
  recorded(name, more=''): q.of(records[name], more),
  errors(more=''): q.recorded('allErrors', more),
  errorCounts(more=''): q.recorded('errorCounts', more),
  withCode: 'packet!=""',
  // Every broker has it: there is none where the rules are not loaded.
  local everyBroker = q.recorded('connects'),
  norules: 'no recorded rates: load rules.yaml into Prometheus',
  // Where only what occurred is drawn.
  noneRecorded: 'none seen, or rules.yaml is not loaded',
  // A minute.
  going(series, labels=''): '60 * sum%s (%s)' % [by(labels), series],
  // 0 where nothing occurred, and nothing without the rules.
  goingOrZero(selectors): '60 * (sum (%s) or 0 * sum (%s))' % [std.join(' or ', selectors), everyBroker],
  // Sums of rates in the whole time range, for shares: 0 where nothing occurred, and nothing without the rules.
  local summed(selectors) = 'sum (%s)' % std.join(' or ', ['sum_over_time(%s[$__range])' % selector for selector in selectors]),
  summedOrZero(selectors): '(%s or 0 * sum (%s))' % [summed(selectors), everyBroker],
  share(part, whole): '%s / (%s > 0)' % [q.summedOrZero(part), summed(whole)],

  // ---- A counter a second, a minute (what clients meet, as the alerts say it), and in the whole time range.
  perSecond(series, labels=''): 'sum%s (rate(%s[$__rate_interval]))' % [by(labels), series],
  perMinute(series, labels=''): '60 * ' + q.perSecond(series, labels),
  inRange(series, labels=''): 'sum%s (increase(%s[$__range]))' % [by(labels), series],

  // ---- The ways to be turned away. What the broker sends; a client's own refusals are on "Reason codes".
  connack: 'packet="CONNACK", direction="sent"',
  refused: 'class="error", ' + q.connack,
  disconnected: 'class="error", packet="DISCONNECT", direction="sent"',
  closed: 'class="error"',  // of closes
  // A connection is either ended with a code or without one: these two are different events.
  // Of recorded rates, or of recorded counts.
  refusals(series=q.errors): [series(q.connack)],
  drops(series=q.errors): [series('packet="DISCONNECT", direction="sent"'), series('initiator!=""')],
  denialsOf(packets, action, series=q.errors): [series('packet=~"%s", direction="sent"' % packets), series('action="%s"' % action)],
  // What they are shares of: all of these ends and answers, and the errors that have no code.
  ends: [q.recorded('perPacket', 'packet="DISCONNECT"'), q.recorded('closes', 'class!="error"'), q.errors('initiator!=""')],
  answers(packets, action): [q.recorded('perPacket', 'packet=~"%s", direction="sent"' % packets), q.errors('action="%s"' % action)],

  // Nothing where no record read so far proves that a source shows any of it: a 0 would be an all-clear.
  whereVisible(expr, packets): '%s and on () (max(%s) == 1)' % [expr, q.of('mqtt_reason_observable', 'packet=~"%s"' % packets)],

  // The five greatest of the time range, and the sum of the others: what a person can distinguish in one panel. `series` is recorded.
  // Nothing where none occurred: a line at 0 would be an all-clear, also where no source can see them.
  topFive(series, labels, legend):
    local five = '%s and on (%s) topk(5, sum by (%s) (sum_over_time(%s[$__range] @ end())))' % [q.going(series, labels), labels, labels, series];
    [
      g.query(q.occurred(five), legend),
      g.query(q.occurred('round(%s - (sum (%s) or 0 * sum (%s)), 0.001)' % [q.goingOrZero([series]), five, everyBroker]), 'all others'),
    ],

  ratio(part, whole): '%s / (%s > 0)' % [part, whole],
  occurred(expr): '(%s) > 0' % expr,
  copied(expr, from, to): 'label_replace(%s, "%s", "$1", "%s", "(.+)")' % [expr, to, from],

  // Prometheus' own series of what it fires. Alerts about an exporter have no broker.
  alerts: 'max by (alertname, severity, broker) (ALERTS{alertname=~"Mqtt.+", alertstate="firing", job=~"$job", broker=~"$broker|"})',

  // ---- What annotations show.
  annotations: [
    g.annotation('Alerts', q.alerts, 'red', '{{alertname}}', '{{severity}} {{broker}}'),
    g.annotation('Broker started', 'increase(%s[2m]) > 0' % q.of('mqtt_reason_broker_starts_total'), 'orange', 'Broker started', '{{broker}}'),
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
