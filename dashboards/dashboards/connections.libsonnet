// SPDX-License-Identifier: Apache-2.0
local g = import 'lib/grafana.libsonnet';
local links = import 'lib/links.libsonnet';
local q = import 'lib/queries.libsonnet';
local texts = import 'lib/texts.libsonnet';

local connack = q.connack;
local ofReason = ', reason=~"$reason"';
local accepted = q.codes(connack + ', class="success"');
local allRefused = q.codes(q.refused);
local refused = q.codes(q.refused + ofReason);
// As recorded, a minute.
local recordedConnack(more) = q.recorded('codes', connack + more);
local recordedRefused = q.errors(connack + ofReason);
// An end has a code or it has none: two metrics, no event in both.
local ends(more, labels) =
  q.going('%s or %s' % [q.recorded('codes', 'packet="DISCONNECT", ' + more + ofReason), q.recorded('closes', more + ofReason)], labels);
local endsInRange(more) =
  'sum (increase(%s[$__range]) or increase(%s[$__range]))' % [q.codes('packet="DISCONNECT", ' + more), q.closes(more)];
// Rows of both, with the label ended_by made from one that only the one or the other has.
local endedBy(expr, from, regex, to) = 'label_replace(%s, "ended_by", "%s", "%s", "%s")' % [expr, to, from, regex];
local withMeaning(expr) = q.copied('(sum by (instance, broker, reason, protocol, ended_by) (%s)) > 0' % expr, 'reason', 'meaning');

function(mixin)
  local broker = g.column('broker', 'Broker', width=150, properties=g.cellLinks([links.overview({ broker: links.field('Broker') }), links.exporter(links.field('instance'))]));
  local reason(packet) = g.column('reason', 'Reason', width=220, properties=g.cellLinks([
    links.clients(links.field('instance'), links.field('Reason')),
    links.events(links.field('instance'), links.field('Reason')),
    links.runbook(mixin._config.runbookURL, links.field('instance'), links.field('Reason')),
    links.codes({ broker: links.field('Broker'), packet: packet, reason: links.field('Reason') }),
  ]));
  local byReason = g.linked([links.codes({ reason: links.label('reason') }), links.connections({ reason: links.label('reason') })]);
  g.dashboard(
    'mqtt-reason-connections',
    'MQTT reason codes / Connections',
    'How connections begin, why they are refused, how they end and who ended them.',
    q.variables + [
      // Of refused connections and of ends, with and without a code.
      g.variables.query('reason', 'Reason', 'label_values({__name__=~"mqtt_reason_codes_total|mqtt_reason_closes_without_code_total", %s}, reason)' % q.ofBroker, '.+'),
    ],
    [
      g.section('In this time range', [
        g.line(4, [
          g.stat('Accepted', 'CONNACKs with success.', 'locale', g.now(q.inRange(accepted))) { share:: 3 },
          g.stat('Refused', 'CONNACKs with an error.', 'locale', g.now(q.inRange(allRefused))) { share:: 3 },
          g.stat(
            'Share refused',
            'Of all CONNACKs, those with an error.',
            'percentunit',
            g.now(q.ratio(q.inRange(allRefused), q.inRange(q.codes(connack)))),
            [[0.01, 'orange'], [0.1, 'red']],
            'no connects'
          ) { share:: 3 },
          g.stat(
            'Keep alive timeouts',
            'With a DISCONNECT 0x8D, or, to MQTT 3.1.1 clients, without any code.',
            'locale',
            g.now(endsInRange('class="error", reason="keep_alive_timeout"'))
          ) { share:: 3 },
          g.stat(
            'Sessions taken over',
            'Another connection came with the same client id. With a DISCONNECT 0x8E, or without any code.',
            'locale',
            g.now(endsInRange('class="error", reason="session_taken_over"'))
          ) { share:: 3 },
          g.stat(
            'Network or TLS errors',
            'Connections that ended without any MQTT packet: network_error and tls_error.',
            'locale',
            g.now(q.inRange(q.closes('class="error", reason=~"network_error|tls_error"')))
          ) { share:: 4 },
          g.stat(
            'Starts of brokers',
            'Starts that the logs show. "not known": the profiles of these brokers do not know how their logs show one.',
            'locale',
            g.now(q.inRange(q.of('mqtt_reason_broker_starts_total')))
          ),
        ]),
      ]),
      g.section('Beginnings', [
        g.line(9, [
          g.timeseries(
            'Accepted and refused',
            'CONNACKs with success and with an error. Many accepted connections after a gap are a fleet that reconnects.',
            g.perMinute,
            [
              g.query(q.going(recordedConnack(', class="success"')), 'accepted'),
              g.query(q.going(recordedConnack(', class="error"')), 'refused'),
            ],
            none=q.norules
          ) + g.coloured({ accepted: 'green', refused: 'red' }),
          g.timeseries(
            'Refused, by reason',
            'CONNACKs with an error. The codes 1 to 5 of MQTT 3.1.1 have the name that MQTT 5 gives them.',
            g.perMinute,
            q.topFive(recordedRefused, 'reason', '{{reason}}'),
            stack=true,
            none=q.noneRecorded
          ) + byReason,
          g.timeseries(
            'Share of connects refused, by broker',
            'Of all CONNACKs of that broker, those with an error: the ten brokers with the greatest share.',
            'percentunit',
            [g.query('topk(10, %s)' % q.ratio(q.going(recordedConnack(', class="error"'), 'broker'), q.going(recordedConnack(''), 'broker')), '{{broker}}')],
            none=q.norules
          ),
        ]),
        g.line(9, [
          g.timeseries(
            'Accepted, by protocol version',
            '"unknown": neither the record nor an earlier one names the version.',
            g.perMinute,
            [g.query(q.perMinute(accepted, 'protocol'), '{{protocol}}')],
            stack=true
          ),
          g.timeseries(
            'Refused, by protocol version',
            'Connections refused because of the version itself have the reason unsupported_protocol_version. Codes below 0x80 are of MQTT 3.1 or 3.1.1; the version is "unknown" if the record does not name it. Points are refused clients (client_id, peer), if exemplars are on.',
            g.perMinute,
            [g.withExemplars(g.query(q.perMinute(refused, 'protocol'), '{{protocol}}'))],
            stack=true
          ),
        ]),
        g.line(9, [
          g.table(
            'Refused in this time range',
            'By broker, code and version. A click on a reason offers its chapter of the runbook.',
            'locale',
            [g.rows(q.copied(q.occurred(q.inRange(refused, 'instance, broker, code, reason, protocol')), 'reason', 'first_step'))],
            [
              broker,
              g.column('code', 'Code', width=80),
              reason('CONNACK'),
              g.column('protocol', 'Version', width=95),
              g.value('Count', 'locale', width=80),
              g.column('first_step', 'First step', properties=texts.firstStep + g.long),
            ],
            sort='Count',
            hidden=['instance'],
            tall=true
          ),
        ]),
      ]),
      g.section('Ends', [
        g.line(9, [
          g.timeseries(
            'Because of an error, by reason',
            'Ends with an error, with a DISCONNECT of either side or without a code: the five most frequent reasons, and all others.',
            g.perMinute,
            q.topFive(q.errors('packet=~"DISCONNECT|", action=""' + ofReason), 'reason', '{{reason}}'),
            stack=true,
            none=q.noneRecorded
          ) + byReason,
          g.timeseries(
            'In order, by reason',
            'Ends without an error: DISCONNECTs with success, and connections that were closed without a word.',
            g.perMinute,
            [g.query(q.occurred(ends('class!="error"', 'reason')), '{{reason}}')],
            stack=true
          ),
        ]),
        g.line(9, [
          g.timeseries(
            'Without a code, by who ended them',
            'Ends of all classes. "unknown": the record does not show who ended the connection.',
            g.perMinute,
            [g.query(q.going(q.recorded('closes'), 'initiator'), '{{initiator}}')],
            stack=true,
            none=q.norules
          ),
          g.timeseries(
            'With a DISCONNECT, by direction',
            'sent: the broker ended the connection. received: the client did.',
            g.perMinute,
            [g.query(q.going(q.recorded('codes', 'packet="DISCONNECT"'), 'direction, class'), '{{direction}}, {{class}}')],
            stack=true,
            none=q.norules
          ) + g.coloured({ 'received, success': 'green', 'received, informational': 'blue', 'received, error': 'orange', 'sent, error': 'red' }),
          g.timeseries(
            'Keep alive timeouts and take-overs',
            'With and without a code. Both rise together when clients lose their network and reconnect.',
            g.perMinute,
            [g.query(ends('class="error", reason=~"keep_alive_timeout|session_taken_over"', 'reason'), '{{reason}}')],
            none=q.norules
          ),
        ]),
        g.line(10, [
          g.table(
            'Ends in this time range that an error caused',
            'By broker, reason, version and who ended the connection. The same reason may occur with a code (MQTT 5) and without one.',
            'locale',
            [
              g.rows(withMeaning(endedBy(q.inRange(q.closes('class="error"' + ofReason), 'instance, broker, reason, protocol, initiator'), 'initiator', '(.+)', '$1'))),
              g.rows(withMeaning(
                endedBy(
                  endedBy(q.inRange(q.codes('packet="DISCONNECT", class="error"' + ofReason), 'instance, broker, reason, protocol, direction'), 'direction', 'sent', 'broker'),
                  'direction',
                  'received',
                  'client'
                )
              )),
            ],
            [
              broker,
              reason('DISCONNECT'),
              g.column('protocol', 'Version', width=95),
              g.column('ended_by', 'Ended by', width=110),
              g.value('Without a code', 'locale', 'A', width=140),
              g.value('With a code', 'locale', 'B', width=140),
              g.column('meaning', 'Meaning', properties=texts.meaning + g.long),
            ],
            sort='Without a code',
            hidden=['instance'],
            tall=true
          ),
        ]),
      ]),
    ],
    q.annotations
  )
