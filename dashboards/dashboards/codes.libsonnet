local g = import 'lib/grafana.libsonnet';
local q = import 'lib/queries.libsonnet';
local texts = import 'lib/texts.libsonnet';

local chosen = 'class=~"$class", packet=~"$packet"';
local seen = q.codes(chosen);

function(mixin)
  local codes = texts(mixin._config.runbookURL);
  g.dashboard(
    'mqtt-reason-codes',
    'MQTT reason codes / Reason codes',
    'Every code by packet and direction: how often, since when, what it means and what to do first.',
    q.variables + [
      g.variables.query('packet', 'Packet', 'label_values(%s, packet)' % q.codes(), '.+'),
      g.variables.choice('class', 'Class', ['error', 'informational', 'success'], ['error']),
    ],
    [
      g.section('Codes', [
        g.line(14, [
          g.table(
            'Codes that occurred',
            "In this time range. Directions are the broker's: it has sent, or received. The same code of different protocol versions or packets stands in rows of its own." + codes.itsChapter,
            'locale',
            [g.rows(q.copied(
              q.copied(q.occurred(q.inRange(seen, 'code, reason, class, packet, direction, protocol')), 'reason', 'meaning'),
              'reason',
              'first_step'
            ))],
            [
              g.column('code', 'Code', width=80),
              g.column('reason', 'Reason', width=240, properties=codes.runbook),
              g.column('class', 'Class', width=105, properties=codes.classes),
              g.column('packet', 'Packet', width=120),
              g.column('direction', 'Direction', width=105),
              g.column('protocol', 'Version', width=95),
              g.value('Count', 'locale', width=90),
              g.column('meaning', 'Meaning', properties=codes.meaning + g.long),
              g.column('first_step', 'First step', properties=codes.firstStep + g.long),
            ],
            sort='Count'
          ),
        ]),
      ]),
      g.section('Over time', [
        g.line(14, [
          g.heat(
            'When each code occurred',
            'A row for each packet, direction and reason that occurred; the warmer, the more often.',
            'cpm',
            g.query(q.occurred(q.perMinute(seen, 'packet, direction, reason')), '{{packet}} {{direction}}: {{reason}}')
          ) { share:: 3 },
          g.bars(
            'Most frequent reasons',
            'The first 15 of this time range.',
            'locale',
            g.now('sort_desc(topk(15, %s))' % q.occurred(q.inRange(seen, 'reason')), '{{reason}}')
          ) { share:: 2 },
        ]),
        g.line(9, [
          g.timeseries(
            'Sent by the broker',
            'By packet and reason.',
            'cpm',
            [g.query(q.occurred(q.perMinute(q.codes(chosen + ', direction="sent"'), 'packet, reason')), '{{packet}} {{reason}}')],
            stack=true
          ),
        ]),
        g.line(9, [
          g.timeseries(
            'Received by the broker',
            'What clients answer and say: acknowledgements of what the broker delivers to them, and their DISCONNECTs. By packet and reason.',
            'cpm',
            [g.query(q.occurred(q.perMinute(q.codes(chosen + ', direction="received"'), 'packet, reason')), '{{packet}} {{reason}}')],
            stack=true
          ),
        ]),
        g.line(9, [
          g.timeseries(
            'By class',
            'Of all codes of these packets, whatever class is chosen above.',
            'cpm',
            [g.query(q.perMinute(q.codes('packet=~"$packet"'), 'class'), '{{class}}')]
          ) + g.coloured({ 'error': 'red', informational: 'blue', success: 'green' }),
          g.timeseries(
            'Told in numbers or in words',
            'explicit: the code stood in the record. inferred: the record implies it in words.',
            'cpm',
            [g.query(q.perMinute(seen, 'evidence'), '{{evidence}}')],
            stack=true
          ),
          g.timeseries(
            'Unknown to the standard',
            'Codes that MQTT does not know for that packet: of a broker or a client that does as it likes, or of a profile that misreads.',
            'cpm',
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
    ]
  )
