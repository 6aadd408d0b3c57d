// SPDX-License-Identifier: Apache-2.0
local g = import 'lib/grafana.libsonnet';
local links = import 'lib/links.libsonnet';
local q = import 'lib/queries.libsonnet';
local texts = import 'lib/texts.libsonnet';

local chosen = 'class=~"$class", packet=~"$packet", reason=~"$reason"';
local seen = q.codes(chosen);
local recorded(more='') = q.recorded('codes', chosen + more);

function(mixin)
  local row = { broker: links.field('Broker'), packet: links.field('Packet'), reason: links.field('Reason') };
  g.dashboard(
    'mqtt-reason-codes',
    'MQTT reason codes / Reason codes',
    'Every code by packet and direction: how often, since when, what it means and what to do first.',
    q.variables + [
      g.variables.query('packet', 'Packet', 'label_values(%s, packet)' % q.codes(), '.+'),
      g.variables.query('reason', 'Reason', 'label_values(%s, reason)' % q.codes(), '.+'),
      g.variables.choice('class', 'Class', ['error', 'informational', 'success'], ['error']),
    ],
    [
      g.section('Codes', [
        g.line(14, [
          g.table(
            'Codes that occurred',
            'All codes in this time range, with a row for each broker, packet and protocol version. "sent" and "received" are the view of the broker. A click on a reason offers its chapter of the runbook.',
            'locale',
            [g.rows(q.copied(
              q.copied(q.occurred(q.inRange(seen, 'instance, broker, code, reason, class, packet, direction, protocol')), 'reason', 'meaning'),
              'reason',
              'first_step'
            ))],
            [
              g.column('broker', 'Broker', width=110, properties=g.cellLinks([links.overview({ broker: links.field('Broker') }), links.exporter(links.field('instance'))])),
              g.column('code', 'Code', width=65),
              g.column('reason', 'Reason', width=215, properties=g.cellLinks([
                links.clients(links.field('instance'), links.field('Reason')),
                links.events(links.field('instance'), links.field('Reason')),
                links.runbook(mixin._config.runbookURL, links.field('instance'), links.field('Reason')),
                links.codes(row),
                links.connections({ broker: links.field('Broker'), reason: links.field('Reason') }),
              ])),
              g.column('class', 'Class', width=120, properties=texts.classes),
              g.column('packet', 'Packet', width=110, properties=g.cellLinks([links.codes(row)])),
              g.column('direction', 'Direction', width=85),
              g.column('protocol', 'Version', width=90),
              g.value('Count', 'locale', width=75),
              g.column('meaning', 'Meaning', properties=texts.meaning + g.long),
              g.column('first_step', 'First step', properties=texts.firstStep + g.long),
            ],
            sort='Count',
            hidden=['instance'],
            tall=true
          ),
        ]),
        g.line(6, [
          g.table(
            'Denied without a code',
            'Publishes, subscriptions and connects that the broker denied in this time range and no packet carries a code: publishes with QoS 0, and clients of MQTT 3.',
            'locale',
            [g.rows(q.occurred(q.copied(q.inRange(q.denials('class="error", reason=~"$reason"'), 'instance, broker, action, reason, protocol'), 'reason', 'first_step')))],
            [
              g.column('broker', 'Broker', width=110, properties=g.cellLinks([links.overview({ broker: links.field('Broker') }), links.exporter(links.field('instance'))])),
              g.column('action', 'Action', width=110),
              g.column('reason', 'Reason', width=215, properties=g.cellLinks([links.clients(links.field('instance'), links.field('Reason')), links.events(links.field('instance'), links.field('Reason')), links.runbook(mixin._config.runbookURL, links.field('instance'), links.field('Reason'))])),
              g.column('protocol', 'Version', width=90),
              g.value('Count', 'locale', width=75),
              g.column('first_step', 'First step', properties=texts.firstStep + g.long),
            ],
            sort='Count',
            hidden=['instance'],
            tall=true
          ),
        ]),
      ]),
      g.section('Over time', [
        g.line(14, [
          g.heat(
            'When each code occurred',
            'The 15 most frequent combinations of packet, direction and reason, a row each. Each colour is ten times the one before.',
            g.perMinute,
            g.query(
              q.occurred('%s and on (packet, direction, reason) topk(15, sum by (packet, direction, reason) (sum_over_time(%s[$__range] @ end())))' % [q.going(recorded(), 'packet, direction, reason'), recorded()]),
              '{{packet}} {{direction}}: {{reason}}'
            )
          ) + g.linked([links.codes({ packet: links.label('packet'), reason: links.label('reason') })]) + { share:: 3 },
          g.bars(
            'Most frequent reasons',
            'The 15 most frequent reasons of this time range.',
            'locale',
            g.now('sort_desc(topk(15, %s))' % q.occurred(q.inRange(seen, 'reason')), '{{reason}}')
          ) + g.linked([links.codes({ reason: links.label('reason') })]) + { share:: 2 },
        ]),
        g.line(9, [
          g.timeseries(
            'Sent by the broker',
            'The five most frequent packets and reasons, and all others.',
            g.perMinute,
            q.topFive(recorded(', direction="sent"'), 'packet, reason', '{{packet}} {{reason}}'),
            stack=true,
            none=q.noneRecorded
          ) + g.linked([links.codes({ packet: links.label('packet'), reason: links.label('reason') })]),
        ]),
        g.line(9, [
          g.timeseries(
            'Received by the broker',
            'Acknowledgements of clients for what the broker delivers, and their DISCONNECTs. The five most frequent packets and reasons, and all others.',
            g.perMinute,
            q.topFive(recorded(', direction="received"'), 'packet, reason', '{{packet}} {{reason}}'),
            stack=true,
            none=q.noneRecorded
          ) + g.linked([links.codes({ packet: links.label('packet'), reason: links.label('reason') })]),
        ]),
        g.line(9, [
          g.timeseries(
            'By class',
            'All codes of these packets. The class that is chosen above is ignored.',
            g.perMinute,
            [g.query(q.going(q.recorded('codes', 'packet=~"$packet"'), 'class'), '{{class}}')],
            none=q.norules
          ) + g.coloured({ 'error': 'red', informational: 'blue', success: 'green' }),
          g.timeseries(
            'In numbers or in words',
            'explicit: the record contains the code. inferred: the words of the record imply it. Points are clients that met an error (client_id, peer), if exemplars are on.',
            g.perMinute,
            [g.withExemplars(g.query(q.perMinute(seen, 'evidence'), '{{evidence}}'))],
            stack=true
          ),
          g.timeseries(
            'Unknown to the standard',
            'Codes that MQTT does not define for that packet. Either the broker or a client violates the standard, or the profile does not fit.',
            g.perMinute,
            [g.query(q.occurred(q.perMinute(q.of('mqtt_reason_unknown_codes_total'), 'broker, source, packet')), '{{broker}} {{source}} {{packet}}')]
          ),
        ]),
      ]),
      g.section('What can be seen', [
        g.line(9, [
          g.table(
            'Packets whose codes a source can see',
            'Where a packet and direction is missing or "not seen", errors may occur that nobody counts: the records read so far cannot show them, for example a log at its default level. PUBLISH, SUBSCRIBE and CONNECT are denials without a code. A capture sees all packets that are not inside TLS.',
            'none',
            [g.rows('label_join(max by (broker, source, packet, direction) (%s), "what", " ", "packet", "direction")' % q.of('mqtt_reason_observable'))],
            [
              g.column('broker', 'Broker'),
              g.column('source', 'Source', width=200),
              g.column('what', 'Packet and direction', width=220),
              g.value('Codes', 'none', width=200, properties=g.texts({ '0': 'not seen', '1': 'seen' })),
            ]
          ),
        ]),
      ], folded=true),
    ],
    q.annotations
  )
