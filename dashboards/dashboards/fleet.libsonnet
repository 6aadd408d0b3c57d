// SPDX-License-Identifier: Apache-2.0
// Asks the recorded series, because they are what travels to a Prometheus for many others; of the rest only mqtt_reason_source_up,
// one series a source.
local g = import 'lib/grafana.libsonnet';
local links = import 'lib/links.libsonnet';
local q = import 'lib/queries.libsonnet';

function(mixin)
  local records = mixin._records;
  local codes(more) = q.of(records.codes, more);
  local closes(more) = q.of(records.closes, more);
  // Recorded are rates of 5 minutes: their mean over the time range, and as they go, a minute.
  local mean(series, labels='broker') = '60 * sum by (%s) (avg_over_time(%s[$__range]))' % [labels, series];

  local errors = codes('class="error"');
  local denied = codes('class="error", packet=~"PUBACK|PUBREC|SUBACK|UNSUBACK", direction="sent"');
  local refusedShare = q.ratio(mean(codes(q.refused)), mean(codes(q.connack)));
  local refusedShareGoing = 'max by (broker) (%s)' % q.of(records.ratio5m, q.connack);
  // As many rows as a person can read.
  local most(selectors) = q.occurred('%s and on (broker) topk(25, sum by (broker) (%s))' % [
    q.going(std.join(' or ', selectors), 'broker'),
    std.join(' or ', ['sum_over_time(%s[$__range] @ end())' % selector for selector in selectors]),
  ]);
  local aboveMedian(expr) = '(%s) - on () group_left () quantile(0.5, %s)' % [expr, expr];

  g.dashboard(
    'mqtt-reason-fleet',
    'MQTT reason codes / Broker fleet',
    'Many brokers side by side: which one differs from the others?',
    q.variablesFrom(records.codes, records.codes),
    [
      g.section('The fleet', [
        g.line(4, [
          g.stat('Brokers', 'Brokers with recorded series. "none": the recording rules are not loaded.', 'short', g.now('count(count by (broker) (%s))' % codes('')), none='none'),
          g.stat(
            'Brokers with errors',
            'Brokers that had an error with a code in this time range.',
            'short',
            g.now('count(sum by (broker) (sum_over_time(%s[$__range]))) or 0 * count(%s)' % [q.errorCounts(q.withCode), codes('')])
          ),
          g.stat(
            'Brokers with a source that cannot be read',
            'The numbers of these brokers are too small: see "Exporter health". "not known": this Prometheus has recorded series only.',
            'short',
            g.now('count(min by (broker) (%s) == 0) or 0 * count(%s)' % [q.of('mqtt_reason_source_up'), q.of('mqtt_reason_source_up')]),
            [[1, 'red']],
            'not known'
          ),
        ]),
        g.line(10, [
          g.table(
            'Side by side',
            'Means over this time range, a row for each broker. "–" is not 0: the source cannot show it, or no client connected.',
            g.perMinute,
            [
              g.rows(mean(errors)),
              g.rows(mean(codes(q.connack))),
              g.rows(mean(codes(q.refused))),
              g.rows(refusedShare),
              g.rows(aboveMedian(refusedShare)),
              g.rows('60 * sum by (broker) (avg_over_time(%s[$__range]) or avg_over_time(%s[$__range]))' % [codes(q.disconnected), closes(q.closed)]),
              g.rows(mean(denied)),
            ],
            [
              g.column('broker', 'Broker', properties=g.cellLinks([
                links.overview({ broker: links.field('Broker') }),
                links.codes({ broker: links.field('Broker') }),
                links.connections({ broker: links.field('Broker') }),
              ])),
              g.value('Errors', g.perMinute, 'A', decimals=1),
              g.value('Connects', g.perMinute, 'B', decimals=1),
              g.value('Refused', g.perMinute, 'C', decimals=1),
              g.value('Share refused', 'percentunit', 'D', decimals=1, width=120, properties=g.steps([[0.1, 'red']])),
              g.value('Above the median', 'percentunit', 'E', decimals=1, width=145, properties=g.steps([[0.05, 'orange'], [0.1, 'red']])),
              g.value('Dropped', g.perMinute, 'F', decimals=1),
              g.value('Denied', g.perMinute, 'G', decimals=1),
            ],
            sort='Errors',
            none=q.norules
          ),
        ]),
      ]),
      g.section('Outliers', [
        g.line(10, [
          g.timeseries(
            'Share of connects refused, above the median of the fleet',
            'The ten brokers that are furthest above the median. If all are near 0, no broker differs from the others.',
            'percentunit',
            [g.query('topk(10, %s > 0)' % aboveMedian(refusedShareGoing), '{{broker}}')]
          ),
          g.bars(
            'On how many brokers each reason occurred',
            'Errors with a code in this time range. If a reason occurred on one broker, the cause is at that broker. If it occurred on all, it is something that they share: authentication, network, certificates, or a client release.',
            'short',
            g.now('sort_desc(topk(15, count by (reason) (sum by (broker, reason) (sum_over_time(%s[$__range])))))' % q.errorCounts(q.withCode), '{{reason}}')
          ),
        ]),
        g.line(14, [
          g.heat(
            'Errors by broker',
            'Errors with a code, of the 25 brokers that have the most. Each colour is ten times the one before.',
            g.perMinute,
            g.query(most([q.errors(q.withCode)]), '{{broker}}')
          ),
          g.heat(
            'Dropped connections by broker',
            'Connections dropped, with a code or without, of the 25 brokers that dropped the most. Each colour is ten times the one before.',
            g.perMinute,
            g.query(most(q.drops()), '{{broker}}')
          ),
        ]),
      ]),
    ],
    q.annotations
  )
