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
  local going(series, labels='broker') = '60 * sum by (%s) (%s)' % [labels, series];

  local errors = codes('class="error"');
  local denied = codes('class="error", packet=~"PUBACK|PUBREC|SUBACK|UNSUBACK", direction="sent"');
  local refusedShare = q.ratio(mean(codes(q.refused)), mean(codes('packet="CONNACK"')));
  local refusedShareGoing = 'max by (broker) (%s)' % q.of(records.ratio5m, 'packet="CONNACK"');
  local aboveMedian(expr) = '(%s) - on () group_left () quantile(0.5, %s)' % [expr, expr];

  g.dashboard(
    'mqtt-reason-fleet',
    'MQTT reason codes / Broker fleet',
    'Many brokers side by side: which one is unlike the others?',
    q.variablesFrom(records.codes, records.codes),
    [
      g.section('The fleet', [
        g.line(4, [
          g.stat('Brokers', 'Brokers with recorded series. None: the recording rules are not loaded.', 'short', g.now('count(count by (broker) (%s))' % codes('')), none='none'),
          g.stat(
            'Brokers with errors',
            'Brokers with any error that has a code, in this time range.',
            'short',
            g.now('count(%s)' % q.occurred(mean(errors))),
            none='none'
          ),
          g.stat(
            'Brokers with a source that cannot be read',
            'Their numbers are too small: see "Exporter health". Not known where only the recorded series arrive.',
            'short',
            g.now('count(min by (broker) (%s) == 0) or 0 * count(%s)' % [q.of('mqtt_reason_source_up'), q.of('mqtt_reason_source_up')]),
            [[1, 'red']],
            'not known'
          ),
        ]),
        g.line(10, [
          g.table(
            'Side by side',
            'Means over this time range, a row per broker. "–" is not a 0: nothing of the kind can be seen there, or no client came.',
            g.perMinute,
            [
              g.rows(mean(errors)),
              g.rows(mean(codes('packet="CONNACK"'))),
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
            sort='Errors'
          ),
        ]),
      ]),
      g.section('Outliers', [
        g.line(10, [
          g.timeseries(
            'Share of connects refused, above the median of the fleet',
            'The ten brokers furthest above. Near 0 for all: whatever happens, happens to all of them.',
            'percentunit',
            [g.query('topk(10, %s)' % aboveMedian(refusedShareGoing), '{{broker}}')]
          ),
          g.timeseries(
            'On how many brokers each reason occurs',
            'Errors with a code. One broker: look there. All of them: look at what they share, such as authentication, network, certificates or a new release of the clients.',
            'short',
            [g.query('count by (reason) (%s)' % q.occurred(going(errors, 'broker, reason')), '{{reason}}')]
          ),
        ]),
        g.line(14, [
          g.heat(
            'Errors by broker',
            'A row for each broker with errors that have a code; the warmer, the more a minute.',
            g.perMinute,
            g.query(q.occurred(going(errors)), '{{broker}}')
          ),
          g.heat(
            'Dropped connections by broker',
            'A row for each broker that dropped connections, with a code or without.',
            g.perMinute,
            g.query(q.occurred('60 * sum by (broker) (%s or %s)' % [codes(q.disconnected), closes(q.closed)]), '{{broker}}')
          ),
        ]),
      ]),
    ],
    q.annotations
  )
