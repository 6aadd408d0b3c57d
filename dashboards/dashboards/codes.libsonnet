// SPDX-License-Identifier: Apache-2.0
local g = import 'lib/grafana.libsonnet';
local links = import 'lib/links.libsonnet';
local q = import 'lib/queries.libsonnet';
local texts = import 'lib/texts.libsonnet';

local chosen = 'class=~"$class", packet=~"$packet", reason=~"$reason"';
local seen = q.codes(chosen);

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
            "In this time range. Directions are the broker's: it has sent, or received. The same code of different brokers, protocol versions or packets has rows of its own. A click on a row leads to its chapter of the runbook.",
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
                links.runbook(mixin._config.runbookURL, links.field('instance'), links.field('Reason')),
                links.codes(row),
                links.connections({ broker: links.field('Broker'), reason: links.field('Reason') }),
              ])),
              g.column('class', 'Class', width=120, properties=texts.classes),
              g.column('packet', 'Packet', width=110, properties=g.cellLinks([links.codes(row)])),
              g.column('direction', 'Direction', width=85),
              g.column('protocol', 'Version', width=75),
              g.value('Count', 'locale', width=75),
              g.column('meaning', 'Meaning', properties=texts.meaning + g.long),
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
            'A row for each of the 15 packets, directions and reasons that occurred most. Each colour is ten times the one before.',
            g.perMinute,
            g.query(
              q.occurred('%s and on (packet, direction, reason) topk(15, sum by (packet, direction, reason) (increase(%s[$__range] @ end())))' % [q.perMinute(seen, 'packet, direction, reason'), seen]),
              '{{packet}} {{direction}}: {{reason}}'
            )
          ) + g.linked([links.codes({ packet: links.label('packet'), reason: links.label('reason') })]) + { share:: 3 },
          g.bars(
            'Most frequent reasons',
            'The first 15 of this time range.',
            'locale',
            g.now('sort_desc(topk(15, %s))' % q.occurred(q.inRange(seen, 'reason')), '{{reason}}')
          ) + g.linked([links.codes({ reason: links.label('reason') })]) + { share:: 2 },
        ]),
        g.line(9, [
          g.timeseries(
            'Sent by the broker',
            'The five most frequent packets and reasons, and all others.',
            g.perMinute,
            q.topFive(q.codes(chosen + ', direction="sent"'), 'packet, reason', '{{packet}} {{reason}}'),
            stack=true
          ) + g.linked([links.codes({ packet: links.label('packet'), reason: links.label('reason') })]),
        ]),
        g.line(9, [
          g.timeseries(
            'Received by the broker',
            'What clients answer and say: acknowledgements of what the broker delivers to them, and their DISCONNECTs. The five most frequent packets and reasons, and all others.',
            g.perMinute,
            q.topFive(q.codes(chosen + ', direction="received"'), 'packet, reason', '{{packet}} {{reason}}'),
            stack=true
          ) + g.linked([links.codes({ packet: links.label('packet'), reason: links.label('reason') })]),
        ]),
        g.line(9, [
          g.timeseries(
            'By class',
            'Of all codes of these packets, whatever class is chosen above.',
            g.perMinute,
            [g.query(q.perMinute(q.codes('packet=~"$packet"'), 'class'), '{{class}}')]
          ) + g.coloured({ 'error': 'red', informational: 'blue', success: 'green' }),
          g.timeseries(
            'In numbers or in words',
            'explicit: the code was in the record. inferred: the record implies it in words.',
            g.perMinute,
            [g.query(q.perMinute(seen, 'evidence'), '{{evidence}}')],
            stack=true
          ),
          g.timeseries(
            'Unknown to the standard',
            'Codes that MQTT does not know for that packet: of a broker or a client that does as it likes, or of a profile that misreads.',
            g.perMinute,
            [g.query(q.occurred(q.perMinute(q.of('mqtt_reason_unknown_codes_total'), 'broker, source, packet')), '{{broker}} {{source}} {{packet}}')]
          ),
        ]),
      ]),
      g.section('What can be seen', [
        g.line(9, [
          g.table(
            'Packets whose codes a source can see',
            'A packet and direction that is missing or "not seen" here is not free of errors: the records read so far do not show it, for example those of a log at its default level. PUBLISH, SUBSCRIBE and CONNECT are denials without a code. A capture sees all where no TLS is in the way.',
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
