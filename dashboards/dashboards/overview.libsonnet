// SPDX-License-Identifier: Apache-2.0
local g = import 'lib/grafana.libsonnet';
local links = import 'lib/links.libsonnet';
local q = import 'lib/queries.libsonnet';

// Now, before and how many times as often, in a row for each broker, packet and reason; an end or a denial without a code says who
// closed or what was denied instead of a packet. `packet` is what the links choose.
local errors(offset='') =
  local inRange(selector) = 'increase(%s[$__range]%s)' % [selector, offset];
  local named(selector, from, text) =
    'label_replace(label_replace(%s, "packet", "All", "", ""), "what", "%s", "%s", "(.+)")' % [inRange(selector), text, from];
  'round(sum by (instance, broker, what, packet, reason) (%s or %s or %s))' % [
    'label_join(%s, "what", " ", "packet", "direction")' % inRange(q.codes('class="error"')),
    named(q.closes(q.closed), 'initiator', 'closed by $1'),
    named(q.denials('class="error"'), 'action', '$1 denied'),
  ];
local now = errors();
local before = errors(' offset $__range');

local ofConnects = q.inRange(q.codes('packet="CONNACK"'));
local answers(packets) = q.inRange(q.codes('packet=~"%s", direction="sent"' % packets));
local deniedPublishes = q.deniedInRange(q.deniedPublish, 'publish');
local deniedSubscriptions = q.deniedInRange(q.deniedSubscribe, 'subscribe');
// What is denied without a code has no answer either: it is added to the whole.
local shareOfAnswers(denied, packets, action) =
  q.ratio(denied, '(%s + (%s or vector(0)))' % [answers(packets), q.inRange(q.denials(q.denied(action)))]);

function(mixin)
  g.dashboard(
    'mqtt-reason-overview',
    'MQTT reason codes / Overview',
    'Is anybody refused, dropped or denied; since when and why; and what cannot be seen?',
    q.variables,
    [
      g.section('In this time range', [
        g.line(4, [
          g.share(
            'Connections refused',
            'CONNACKs with an error, and their share of all CONNACKs. "not visible": no source of these brokers shows any CONNACK.',
            g.now(q.whereVisible(q.inRange(q.codes(q.refused)), 'CONNACK')),
            g.now(q.ratio(q.inRange(q.codes(q.refused)), ofConnects)),
            'of connects'
          ) { share:: 5 },
          g.share(
            'Connections dropped',
            'By the broker, or by a failure: DISCONNECTs with an error that the broker sent, and connections that ended because of an error without any code on the wire: time-outs and take-overs of MQTT 3.1.1 clients, network and TLS errors. Each connection counts once. Below it their share of all ends.',
            g.now(q.droppedInRange),
            g.now(q.ratio(q.droppedInRange, q.endsInRange)),
            'of ends',
            [[0.05, 'orange'], [0.3, 'red']]
          ) { share:: 5 },
          g.share(
            'Publishes denied',
            'PUBACKs and PUBRECs with an error that the broker sent, and publishes that it refused without a code: QoS 0, and clients of MQTT 3. Below it their share of all that were answered or denied. "not visible": no source of these brokers shows any of it, for example a log at its default level.',
            g.now(q.whereVisible(deniedPublishes, 'PUBACK|PUBREC|PUBLISH')),
            g.now(shareOfAnswers(deniedPublishes, 'PUBACK|PUBREC', 'publish')),
            'of answers'
          ) { share:: 5 },
          g.share(
            'Subscriptions denied',
            'Topic filters of a SUBACK or UNSUBACK that were answered with an error, and subscriptions that were refused without a code. Below it their share of all that were answered or denied. "not visible": no source of these brokers shows any of it.',
            g.now(q.whereVisible(deniedSubscriptions, 'SUBACK|UNSUBACK|SUBSCRIBE')),
            g.now(shareOfAnswers(deniedSubscriptions, 'SUBACK|UNSUBACK', 'subscribe')),
            'of answers'
          ) { share:: 5 },
          g.stat(
            'Sources down',
            'Logs, subscriptions and captures that cannot be read now. While one is, the numbers here are too small: see "Exporter health".',
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
            'The four ways to be turned away, one above the other. 0x10 "No matching subscribers" and 0x11 "No subscription existed" are not errors and never part of it.',
            g.perMinute,
            [
              g.query(q.perMinute(q.codes(q.refused)), 'refused'),
              g.query(q.droppedPerMinute, 'dropped'),
              g.query(q.deniedPerMinute(q.deniedPublish, 'publish'), 'publish denied'),
              g.query(q.deniedPerMinute(q.deniedSubscribe, 'subscribe'), 'subscription denied'),
            ],
            stack=true
          ) + g.coloured({ refused: 'red', dropped: 'orange', 'publish denied': 'purple', 'subscription denied': 'blue' })
          + g.linked([links.codes({}), links.connections({})]) + { share:: 5 },
          g.table(
            'Errors in this time range and in as much time before it',
            'With a code, or closed or denied without one; the most frequent first. "Times": how many times as often as before. What is new has no "Before". A click on a row leads to the code, its connections, its chapter of the runbook and the page of the exporter.',
            'locale',
            [
              g.rows(q.occurred(now)),
              g.rows(q.occurred(before)),
              g.rows('(%s) / (%s > 0)' % [now, before]),
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
                links.runbook(mixin._config.runbookURL, links.field('instance'), links.field('Reason')),
                links.codes({ broker: links.field('Broker'), packet: links.field('packet'), reason: links.field('Reason') }),
              ])),
              g.value('Now', 'locale', 'A', width=75),
              g.value('Before', 'locale', 'B', width=75),
              g.value('Times', 'none', 'C', width=75, decimals=1, properties=g.steps([[2, 'orange'], [10, 'red']]), empty='new'),
            ],
            sort='Now',
            hidden=['instance', 'packet']
          ) { share:: 6 },
        ]),
        g.line(8, [
          g.table(
            'Alerts',
            'What Prometheus fires now. None while all is well, and where the rules are not loaded.',
            'none',
            [g.rows(q.alerts)],
            [
              g.column('alertname', 'Alert'),
              g.column('severity', 'Severity', width=90, properties=g.colours({ [mixin._config.severities.critical]: 'red', [mixin._config.severities.warning]: 'orange', [mixin._config.severities.info]: 'blue' })),
              g.column('broker', 'Broker', width=110, properties=g.cellLinks([links.overview({ broker: links.field('Broker') })])),
            ],
            none='none now'
          ),
          g.table(
            'Not visible',
            'What the records of a broker do not show, so that 0 means nothing there: for example a log at its default level. PUBLISH, SUBSCRIBE and CONNECT are denials without a code. The page of the exporter says what to switch on.',
            'none',
            [g.rows('label_join(max by (instance, broker, packet, direction) (%s), "what", " ", "packet", "direction") == 0' % q.of('mqtt_reason_observable'))],
            [
              g.column('broker', 'Broker', width=110, properties=g.cellLinks([links.exporter(links.field('instance')), links.health({ broker: links.field('Broker') })])),
              g.column('what', 'Packet and direction'),
            ],
            none='all that the profiles know is visible',
            hidden=['instance']
          ),
          g.timeseries(
            'Errors by broker',
            'All errors with a code, of the five brokers that have the most, and of all others. One broker above all others has a cause of its own; all at once point at the network, or at what they share.',
            g.perMinute,
            q.topFive(q.codes('class="error"'), 'broker', '{{broker}}')
          ) + g.linked([links.overview({ broker: links.label('broker') })]),
        ]),
      ]),
      g.section('By reason', [
        g.line(9, [
          g.timeseries(
            'Errors by reason',
            'All errors with a code, of every packet and in both directions: the five most frequent reasons, and all others.',
            g.perMinute,
            q.topFive(q.codes('class="error"'), 'reason', '{{reason}}'),
            stack=true
          ) + g.linked([links.codes({ reason: links.label('reason') })]),
          g.timeseries(
            'Connections that ended without a code',
            'Because of an error that no reason code on the wire shows. Not part of "Errors by reason".',
            g.perMinute,
            q.topFive(q.closes(q.closed), 'reason, initiator', '{{reason}}, by {{initiator}}'),
            stack=true
          ) + g.linked([links.connections({ reason: links.label('reason') })]),
          g.timeseries(
            'Denied without a code',
            'Publishes, subscriptions and connects that the broker refused, and no reason code on the wire says so: publishes with QoS 0, and clients of MQTT 3. Not part of "Errors by reason".',
            g.perMinute,
            q.topFive(q.denials('class="error"'), 'action, reason', '{{action}}: {{reason}}'),
            stack=true
          ) + g.linked([links.connections({})]),
        ]),
      ]),
    ],
    q.annotations
  )
