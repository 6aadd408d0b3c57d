local g = import 'lib/grafana.libsonnet';
local q = import 'lib/queries.libsonnet';
local texts = import 'lib/texts.libsonnet';

local red = [[1, 'red']];

// Now, before and the difference, in a row for each broker, packet and reason; an end without a code says who closed instead of a
// packet. Whole numbers, so that the difference is the one of the numbers beside it.
local errors(offset='') =
  local inRange(selector) = 'increase(%s[$__range]%s)' % [selector, offset];
  'round(sum by (broker, what, reason) (%s or %s or %s))' % [
    'label_join(%s, "what", " ", "packet", "direction")' % inRange(q.codes('class="error"')),
    'label_replace(%s, "what", "closed by $1", "initiator", "(.+)")' % inRange(q.closes(q.closed)),
    'label_replace(%s, "what", "$1 denied", "action", "(.+)")' % inRange(q.denials('class="error"')),
  ];
local now = errors();
local before = errors(' offset $__range');
local changed = [
  q.occurred(now),
  q.occurred(before),
  '(%s - (%s or %s * 0)) != 0' % [now, before, now],
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
            'CONNACKs with an error. "not visible": no source of these brokers shows any CONNACK.',
            'locale',
            g.now(q.whereVisible(q.inRange(q.codes(q.refused)), 'CONNACK')),
            red
          ),
          g.stat(
            'Connections dropped',
            'By the broker, or by a failure: DISCONNECTs with an error that the broker sent, and connections that ended because of an error without any code on the wire: time-outs and take-overs of MQTT 3.1.1 clients, network and TLS errors. Each connection counts once.',
            'locale',
            g.now(q.droppedInRange),
            red
          ),
          g.stat(
            'Publishes denied',
            'PUBACKs and PUBRECs with an error that the broker sent, and publishes that it refused without a code: QoS 0, and clients of MQTT 3. "not visible": no source of these brokers shows any of it, for example a log at its default level.',
            'locale',
            g.now(q.whereVisible(q.deniedInRange(q.deniedPublish, 'publish'), 'PUBACK|PUBREC|PUBLISH')),
            red
          ),
          g.stat(
            'Subscriptions denied',
            'Topic filters of a SUBACK or UNSUBACK that were answered with an error, and subscriptions that were refused without a code. "not visible": no source of these brokers shows any of it.',
            'locale',
            g.now(q.whereVisible(q.deniedInRange(q.deniedSubscribe, 'subscribe'), 'SUBACK|UNSUBACK|SUBSCRIBE')),
            red
          ),
          g.stat(
            'Share refused',
            'Of all CONNACKs, those with an error.',
            'percentunit',
            g.now(q.ratio(q.inRange(q.codes(q.refused)), q.inRange(q.codes('packet="CONNACK"')))),
            [[0.01, 'orange'], [0.1, 'red']],
            'no connects'
          ),
          g.stat(
            'Sources down',
            'Logs, subscriptions and captures that cannot be read now. While one is, the numbers here are too small: see "Exporter health".',
            'locale',
            g.now('sum(%s == bool 0)' % q.of('mqtt_reason_source_up')),
            red,
            'no exporter'
          ),
        ]),
      ]),
      g.section('What changed', [
        g.line(9, [
          g.table(
            'Errors in this time range and in as much time before it',
            'With a code, or closed or denied without one. The greatest rise first. What is new has no "Before", what has stopped no "Now".' + codes.itsChapter,
            'locale',
            [g.rows(q.copied(expr, 'reason', 'meaning')) for expr in changed],
            [
              g.column('broker', 'Broker', width=110),
              g.column('what', 'Packet', width=160),
              g.column('reason', 'Reason', width=240, properties=codes.runbook),
              g.value('Now', 'locale', 'A', width=65),
              g.value('Before', 'locale', 'B', width=70),
              g.value('Change', 'locale', 'C', width=85, properties=g.steps([[1, 'red']])),
              g.column('meaning', 'Meaning', properties=codes.meaning + g.long),
            ],
            sort='Change'
          ) { share:: 2 },
          g.table(
            'Alerts',
            'What Prometheus fires now. None while all is well, and where the rules are not loaded.',
            'none',
            [g.rows(q.alerts)],
            [
              g.column('alertname', 'Alert'),
              g.column('severity', 'Severity', width=90, properties=g.colours({ [mixin._config.severities.critical]: 'red', [mixin._config.severities.warning]: 'orange', [mixin._config.severities.info]: 'blue' })),
              g.column('broker', 'Broker', width=95),
            ],
            none='none now'
          ),
        ]),
      ]),
      g.section('How it goes', [
        g.line(9, [
          g.timeseries(
            'Clients turned away',
            'The four ways to be turned away, one above the other. 0x10 "No matching subscribers" and 0x11 "No subscription existed" are no errors and never part of it.',
            'cpm',
            [
              g.query(q.perMinute(q.codes(q.refused)), 'refused'),
              g.query(q.droppedPerMinute, 'dropped'),
              g.query(q.deniedPerMinute(q.deniedPublish, 'publish'), 'publish denied'),
              g.query(q.deniedPerMinute(q.deniedSubscribe, 'subscribe'), 'subscription denied'),
            ],
            stack=true
          ) + g.coloured({ refused: 'red', dropped: 'orange', 'publish denied': 'purple', 'subscription denied': 'blue' }),
          g.timeseries(
            'Errors by reason',
            'All errors with a code, of every packet and in both directions. A reason that did not occur is not drawn.',
            'cpm',
            [g.query(q.occurred(q.perMinute(q.codes('class="error"'), 'reason')), '{{reason}}')],
            stack=true
          ),
        ]),
        g.line(9, [
          g.timeseries(
            'Errors by broker',
            'All errors with a code. One broker above all others has a cause of its own; all at once point at the network, or at what they share.',
            'cpm',
            [g.query(q.perMinute(q.codes('class="error"'), 'broker'), '{{broker}}')]
          ),
          g.timeseries(
            'Connections that ended without a code',
            'Because of an error that no reason code on the wire tells. Not part of "Errors by reason".',
            'cpm',
            [g.query(q.occurred(q.perMinute(q.closes(q.closed), 'reason, initiator')), '{{reason}}, by {{initiator}}')],
            stack=true
          ),
          g.timeseries(
            'Denied without a code',
            'Publishes, subscriptions and connects that the broker refused, and no reason code on the wire says so: publishes with QoS 0, and clients of MQTT 3. Not part of "Errors by reason".',
            'cpm',
            [g.query(q.occurred(q.perMinute(q.denials('class="error"'), 'action, reason')), '{{action}}: {{reason}}')],
            stack=true
          ),
        ]),
      ]),
    ]
  )
