// SPDX-License-Identifier: Apache-2.0
local g = import 'lib/grafana.libsonnet';
local links = import 'lib/links.libsonnet';
local q = import 'lib/queries.libsonnet';

// A row for each broker, packet and reason; an end or a denial without a code says who closed or what was denied instead of a packet.
// `packet` is what the links choose.
local errors(offset='') =
  local inRange(matchers) = 'sum_over_time(%s[$__range]%s)' % [q.errorCounts(matchers), offset];
  local named(matchers, from, text) =
    'label_replace(label_replace(%s, "packet", "All", "", ""), "what", "%s", "%s", "(.+)")' % [inRange(matchers), text, from];
  'sum by (instance, broker, what, packet, reason) (%s or %s or %s)' % [
    'label_join(%s, "what", " ", "packet", "direction")' % inRange(q.withCode),
    named('initiator!=""', 'initiator', 'closed by $1'),
    named('action!=""', 'action', '$1 denied'),
  ];

function(mixin)
  g.dashboard(
    'mqtt-reason-overview',
    'MQTT reason codes / Overview',
    'Are clients refused, dropped or denied? Since when and why? What cannot be seen?',
    q.variables,
    [
      g.section('In this time range', [
        g.line(4, [
          g.share(
            'Connections refused',
            'CONNACKs with an error, and their share of all CONNACKs. The count is a minute behind. "not known": no source of these brokers shows CONNACKs, or rules.yaml is not loaded.',
            g.now(q.whereVisible(q.summedOrZero(q.refusals(q.errorCounts)), 'CONNACK')),
            g.now(q.share(q.refusals(), [q.recorded('connects')])),
            'of connects'
          ) { share:: 5 },
          g.share(
            'Connections dropped',
            'Connections that the broker or a failure ended: DISCONNECTs with an error that the broker sent, and errors that no packet carries (time-outs and take-overs of MQTT 3.1.1 clients, network and TLS errors). Each connection counts once. Below it is their share of all ends.',
            g.now(q.summedOrZero(q.drops(q.errorCounts))),
            g.now(q.share(q.drops(), q.ends)),
            'of ends',
            [[0.05, 'orange'], [0.3, 'red']]
          ) { share:: 5 },
          g.share(
            'Publishes denied',
            'PUBACKs and PUBRECs with an error that the broker sent, and publishes that it denied without a code (QoS 0, and clients of MQTT 3). Below it is their share of all publishes that were answered or denied. "not known": no source of these brokers shows them, for example a log at its default level, or rules.yaml is not loaded.',
            g.now(q.whereVisible(q.summedOrZero(q.denialsOf('PUBACK|PUBREC', 'publish', q.errorCounts)), 'PUBACK|PUBREC|PUBLISH')),
            g.now(q.share(q.denialsOf('PUBACK|PUBREC', 'publish'), q.answers('PUBACK|PUBREC', 'publish'))),
            'of answers'
          ) { share:: 5 },
          g.share(
            'Subscriptions denied',
            'Topic filters that a SUBACK or UNSUBACK answered with an error, and subscriptions that were denied without a code. Below it is their share of all that were answered or denied. "not known": no source of these brokers shows them, or rules.yaml is not loaded.',
            g.now(q.whereVisible(q.summedOrZero(q.denialsOf('SUBACK|UNSUBACK', 'subscribe', q.errorCounts)), 'SUBACK|UNSUBACK|SUBSCRIBE')),
            g.now(q.share(q.denialsOf('SUBACK|UNSUBACK', 'subscribe'), q.answers('SUBACK|UNSUBACK', 'subscribe'))),
            'of answers'
          ) { share:: 5 },
          g.stat(
            'Sources down',
            'Logs, subscriptions and captures that cannot be read now. Until they can, the numbers on this page are too small. A click opens "Exporter health".',
            'locale',
            g.now('sum(%s == bool 0)' % q.of('mqtt_reason_source_up')),
            [[1, 'red']],
            'no exporter'
          ) + g.linked([links.health({})]) + { share:: 4 },
        ]),
      ]),
      g.section('Since when, why and where', [
        g.line(10, [
          g.timeseries(
            'Clients turned away',
            'Connections refused and dropped, publishes and subscriptions denied, stacked; means of five minutes. What no source of these brokers shows has no line. 0x10 "No matching subscribers" and 0x11 "No subscription existed" are not errors and not counted here.',
            g.perMinute,
            [
              g.query(q.whereVisible(q.goingOrZero(q.refusals()), 'CONNACK'), 'refused'),
              g.query(q.goingOrZero(q.drops()), 'dropped'),
              g.query(q.whereVisible(q.goingOrZero(q.denialsOf('PUBACK|PUBREC', 'publish')), 'PUBACK|PUBREC|PUBLISH'), 'publish denied'),
              g.query(q.whereVisible(q.goingOrZero(q.denialsOf('SUBACK|UNSUBACK', 'subscribe')), 'SUBACK|UNSUBACK|SUBSCRIBE'), 'subscription denied'),
            ],
            stack=true,
            none=q.norules
          ) + g.coloured({ refused: 'red', dropped: 'orange', 'publish denied': 'purple', 'subscription denied': 'blue' })
          + g.linked([links.codes({}), links.connections({})]) + { share:: 5 },
          g.table(
            'Errors in this time range and before it',
            'Errors with a code, and ends and denials without one, the most frequent first. "Before" is the same length of time before this time range. "Times" is now divided by before; "new" did not occur before. A click on a cell offers the code, its connections, its chapter of the runbook, and the page of the exporter.',
            'locale',
            [
              g.rows(errors()),
              g.rows(errors(' offset $__range')),
              g.rows('%s / %s' % [errors(), errors(' offset $__range')]),
            ],
            [
              g.column('broker', 'Broker', width=110, properties=g.cellLinks([
                links.overview({ broker: links.field('Broker') }),
                links.exporter(links.field('instance')),
              ])),
              g.column('what', 'Packet', properties=g.cellLinks([
                links.codes({ broker: links.field('Broker'), packet: links.field('packet'), reason: links.field('Reason') }),
                links.connections({ broker: links.field('Broker'), reason: links.field('Reason') }),
              ])),
              g.column('reason', 'Reason', properties=g.cellLinks([
                links.clients(links.field('instance'), links.field('Reason')),
                links.events(links.field('instance'), links.field('Reason')),
                links.runbook(mixin._config.runbookURL, links.field('instance'), links.field('Reason')),
                links.codes({ broker: links.field('Broker'), packet: links.field('packet'), reason: links.field('Reason') }),
              ])),
              g.value('Now', 'locale', 'A', width=75),
              g.value('Before', 'locale', 'B', width=75),
              g.value('Times', 'none', 'C', width=75, decimals=1, properties=g.steps([[2, 'orange'], [10, 'red']]), empty='new'),
            ],
            sort='Now',
            none=q.noneRecorded,
            hidden=['instance', 'packet']
          ) { share:: 6 },
        ]),
        g.line(8, [
          g.table(
            'Alerts',
            'Alerts that fire now.',
            'none',
            [g.rows(q.alerts)],
            [
              g.column('alertname', 'Alert'),
              g.column('severity', 'Severity', width=90, properties=g.colours({ [mixin._config.severities.critical]: 'red', [mixin._config.severities.warning]: 'orange', [mixin._config.severities.info]: 'blue' })),
              g.column('broker', 'Broker', width=110, properties=g.cellLinks([links.overview({ broker: links.field('Broker') })])),
            ],
            none='none now, or alerts.yaml is not loaded'
          ),
          g.table(
            'Not visible',
            'What the records of a broker cannot show: a 0 there does not mean that nothing occurred. A log at its default level, for example, lacks many packets. PUBLISH, SUBSCRIBE and CONNECT are denials without a code. The page of the exporter says what to enable.',
            'none',
            [g.rows('label_join(max by (instance, broker, packet, direction) (%s), "what", " ", "packet", "direction") == 0' % q.of('mqtt_reason_observable'))],
            [
              g.column('broker', 'Broker', width=110, properties=g.cellLinks([links.exporter(links.field('instance')), links.health({ broker: links.field('Broker') })])),
              g.column('what', 'Packet and direction'),
            ],
            none='everything is visible, or no exporter is scraped',
            hidden=['instance']
          ),
          g.timeseries(
            'Errors by broker',
            'Errors with a code, of the five brokers that have the most and of all others. If one broker stands out, the cause is at that broker. If all rise at once, it is the network or something that they share.',
            g.perMinute,
            q.topFive(q.errors(q.withCode), 'broker', '{{broker}}'),
            none=q.noneRecorded
          ) + g.linked([links.overview({ broker: links.label('broker') })]),
        ]),
      ]),
      g.section('By reason', [
        g.line(9, [
          g.timeseries(
            'Errors by reason',
            'Errors with a code, of all packets and both directions: the five most frequent reasons, and all others.',
            g.perMinute,
            q.topFive(q.errors(q.withCode), 'reason', '{{reason}}'),
            stack=true,
            none=q.noneRecorded
          ) + g.linked([links.codes({ reason: links.label('reason') })]),
          g.timeseries(
            'Connections that ended without a code',
            'Connections that ended because of an error that no packet carries. They are not in "Errors by reason".',
            g.perMinute,
            q.topFive(q.errors('initiator!=""'), 'reason, initiator', '{{reason}}, by {{initiator}}'),
            stack=true,
            none=q.noneRecorded
          ) + g.linked([links.connections({ reason: links.label('reason') })]),
          g.timeseries(
            'Denied without a code',
            'Publishes, subscriptions and connects that the broker denied and no packet carries a code: publishes with QoS 0, and clients of MQTT 3. They are not in "Errors by reason".',
            g.perMinute,
            q.topFive(q.errors('action!=""'), 'action, reason', '{{action}}: {{reason}}'),
            stack=true,
            none=q.noneRecorded
          ) + g.linked([links.connections({})]),
        ]),
      ]),
    ],
    q.annotations
  )
