local g = import 'lib/grafana.libsonnet';
local q = import 'lib/queries.libsonnet';
local texts = import 'lib/texts.libsonnet';

local range = '$__range';
local inRange(selector) = g.now(q.inRange(q.codes(selector)));
local red = [[1, 'red']];

// Now, before and the difference, of one row per broker, packet, direction and reason: joined by their labels.
local labels = 'broker, packet, direction, reason';
local errors = q.codes('class="error"');
local before = q.inRangeBefore(errors, labels);
local changed = [
  q.occurred(q.inRange(errors, labels)),
  q.occurred(before),
  '(%s - (%s or %s * 0)) != 0' % [q.inRange(errors, labels), before, q.inRange(errors, labels)],
];

function(mixin)
  local codes = texts(mixin._config.runbookURL);
  g.dashboard(
    'mqtt-reason-overview',
    'MQTT reason codes / Overview',
    'Are clients refused, dropped or denied, and what has changed?',
    q.variables,
    [
      g.section('In this time range', [
        g.line(4, [
          g.stat(
            'Connections refused',
            'CONNACKs with an error. "not visible": no source of these brokers can see any CONNACK.',
            'short',
            inRange(q.refused),
            red
          ),
          g.stat(
            'Connections dropped by the broker, or failed',
            'DISCONNECTs with an error that the broker sent, and connections that ended because of an error without any code on the wire: time-outs and take-overs of MQTT 3.1.1 clients, network and TLS errors. Each connection counts once.',
            'short',
            g.now(q.dropped('increase', range)),
            red
          ),
          g.stat(
            'Publishes denied',
            'PUBACKs and PUBRECs with an error that the broker sent. MQTT 3.1.1 has no code there: such a broker stays silent, or closes the connection.',
            'short',
            inRange(q.deniedPublish),
            red
          ),
          g.stat(
            'Subscriptions denied',
            'Topic filters of a SUBACK or UNSUBACK that were answered with an error.',
            'short',
            inRange(q.deniedSubscribe),
            red
          ),
          g.stat(
            'Share of connects refused',
            'Of all CONNACKs, those with an error.',
            'percentunit',
            g.now(q.ratio(q.inRange(q.codes(q.refused)), q.inRange(q.codes('packet="CONNACK"')))),
            [[0.01, 'orange'], [0.1, 'red']],
            'no connects'
          ),
          g.stat(
            'Sources that cannot be read',
            'Logs, subscriptions and captures that are down now. While one is, the numbers here are too small: see "Exporter health".',
            'short',
            g.now('sum(%s == bool 0)' % q.of('mqtt_reason_source_up')),
            red,
            'no exporter'
          ),
        ]),
      ]),
      g.section('How it goes', [
        g.line(9, [
          g.timeseries(
            'Clients turned away',
            'The four ways to be turned away, one above the other. 0x10 "No matching subscribers" and 0x11 "No subscription existed" are no errors and never part of it.',
            'cps',
            [
              g.query(q.perSecond(q.codes(q.refused)), 'refused'),
              g.query(q.dropped('rate', '$__rate_interval'), 'dropped'),
              g.query(q.perSecond(q.codes(q.deniedPublish)), 'publish denied'),
              g.query(q.perSecond(q.codes(q.deniedSubscribe)), 'subscription denied'),
            ],
            stack=true
          ),
          g.timeseries(
            'Errors by reason',
            'All errors with a code, of every packet and in both directions. A reason that did not occur is not drawn.',
            'cps',
            [g.query(q.occurred(q.perSecond(q.codes('class="error"'), 'reason')), '{{reason}}')],
            stack=true
          ),
        ]),
        g.line(9, [
          g.timeseries(
            'Errors by broker',
            'All errors with a code. One broker above all others has a cause of its own; all at once point at the network, or at what they share.',
            'cps',
            [g.query(q.perSecond(q.codes('class="error"'), 'broker'), '{{broker}}')]
          ),
          g.timeseries(
            'Connections that ended without a code',
            'Because of an error that no reason code on the wire tells. Not part of "Errors by reason".',
            'cps',
            [g.query(q.occurred(q.perSecond(q.closes(q.closed), 'reason, initiator')), '{{reason}}, by {{initiator}}')],
            stack=true
          ),
        ]),
      ]),
      g.section('What changed', [
        g.line(10, [
          g.table(
            'Errors in this time range and in as much time before it',
            'The greatest rise first. A row without "Before" is new.' + codes.itsChapter,
            'short',
            [g.rows(q.copied(expr, 'reason', 'meaning')) for expr in changed],
            [
              g.column('broker', 'Broker', width=150),
              g.column('packet', 'Packet', width=110),
              g.column('direction', 'Direction', width=90),
              g.column('reason', 'Reason', width=220, properties=codes.runbook),
              g.value('Now', 'short', 'A'),
              g.value('Before', 'short', 'B'),
              g.value('Change', 'short', 'C'),
              g.column('meaning', 'Meaning', properties=codes.meaning + g.long),
            ],
            sort='Change'
          ) { share:: 2 },
          g.table(
            'Alerts',
            'What Prometheus fires now. Empty while all is well, and where the rules are not loaded.',
            'short',
            [g.rows(q.alerts)],
            [
              g.column('alertname', 'Alert'),
              g.column('severity', 'Severity', width=90),
              g.column('broker', 'Broker', width=150),
            ]
          ),
        ]),
      ]),
    ]
  )
