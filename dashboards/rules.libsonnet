// SPDX-License-Identifier: Apache-2.0
// Recording rules. Names are level:metric:operations.
//
// `without` keeps the labels that the scrape and the operator added (job, instance, cluster, site), so that exporters and
// brokers stay distinct without further configuration. The label broker always stays, so that rules can be sharded by it.
//
// A Prometheus for the whole fleet needs these series alone: the groups rates and week read what is scraped, but past and the
// alerts about clients read only what is recorded (tests/rules/lint.py checks it).
{
  local rules = self,

  // The names, for alerts and dashboards.
  _records:: {
    codes: 'broker_packet_direction_reason_class:mqtt_reason_codes:rate5m',
    perPacket: 'broker_packet_direction:mqtt_reason_codes:rate5m',
    errorsPerPacket: 'broker_packet_direction:mqtt_reason_errors:rate5m',
    closes: 'broker_reason_initiator_class:mqtt_reason_closes_without_code:rate5m',
    denials: 'broker_action_reason_class:mqtt_reason_denials_without_code:rate5m',
    allErrors: 'broker_packet_direction_initiator_action_reason:mqtt_reason_all_errors:rate5m',
    errorCounts: 'broker_packet_direction_initiator_action_reason:mqtt_reason_all_errors:increase1m',
    codesAndCloses: 'broker_reason_class:mqtt_reason_codes_and_closes:rate5m',
    ratio5m: 'broker_packet_direction:mqtt_reason_errors_per_codes:ratio_rate5m',
    ratio30m: 'broker_packet_direction:mqtt_reason_errors_per_codes:ratio_rate30m',
    ratioPast: 'broker_packet_direction:mqtt_reason_errors_per_codes:ratio_rate30m_past',
    refusalsSeen: 'broker_packet_direction_reason_class:mqtt_reason_codes:changes5m',
    reasonPast: 'broker_reason_class:mqtt_reason_codes_and_closes:rate5m_past',
    unrecognised: 'broker_source:mqtt_reason_source_unrecognised_per_records:ratio_rate30m',
    unrecognisedPast: 'broker_source:mqtt_reason_source_unrecognised_per_records:ratio_rate30m_past',
    errorsSeen: 'broker_packet_direction_initiator_action_reason:mqtt_reason_all_errors:increase10m',
    accepted: 'broker:mqtt_reason_connects_accepted:rate3m',
    failed: 'broker:mqtt_reason_connects_failed:rate3m',
    acceptedUsual: 'broker:mqtt_reason_connects_accepted:rate3m_usual',
    acceptedFew: 'broker:mqtt_reason_connects_accepted:few',
    failedSeen: 'broker:mqtt_reason_connects_failed:changes3m',
    failedWhileAccepted: 'broker:mqtt_reason_connects_failed:rate3m_while_accepted',
    failedUsual: 'broker:mqtt_reason_connects_failed:rate3m_usual',
    lost: 'broker:mqtt_reason_connections_lost:rate5m',
    lostLately: 'broker:mqtt_reason_connections_lost:rate2m',
    lostUsual: 'broker:mqtt_reason_connections_lost:rate5m_usual',
    tlsUsual: 'broker:mqtt_reason_tls_errors:rate5m_usual',
    strangers: 'broker:mqtt_reason_protocol_errors_of_strangers:rate5m',
    successSeen: 'broker_packet_direction:mqtt_reason_successes:seen',
    records: 'broker_source:mqtt_reason_source_records:rate3m',
    stopped: 'broker_source:mqtt_reason_source_records:stopped',
    quietUsual: 'broker_source:mqtt_reason_source_records:rate3m_quietest_usual',
    connects: 'broker:mqtt_reason_connects:rate5m',
    limit: 'broker_alert:mqtt_reason_events:limit',
    known: 'job_instance:mqtt_reason_exporter:known',
  },

  // A selector of the exporter's metrics that have a broker; of those that have none; of recorded series.
  local joined(matchers) = '{' + std.join(', ', [m for m in matchers if m != '']) + '}',
  local orNothing(selector) = if selector == '{}' then '' else selector,
  _broker(metric, matchers=''):: metric + orNothing(joined([rules._config.selector, rules._config.brokerSelector, matchers])),
  _target(metric, matchers=''):: metric + orNothing(joined([rules._config.selector, matchers])),
  _recorded(name, matchers=''):: rules._broker(rules._records[name], matchers),
  _any(names):: std.join('|', names),
  _reasons(names):: if std.length(names) == 1 then 'reason="%s"' % names[0] else 'reason=~"%s"' % rules._any(names),
  _limit(alert):: rules._recorded('limit', 'alert="%s"' % alert),
  _refusedLogins:: 'class="error", packet="CONNACK", direction="sent", ' + rules._reasons(rules._config.reasons.authentication),

  // What was usual: the highest value of the same two hours of yesterday and of the same weekday a week ago. Day and night,
  // working days and weekends, and an hour of summer time are in it; a peak of those days makes it more tolerant, never less.
  // Where a series of `known` has neither, it was 0.
  _past(recorded, known=null):: (
    local as(when, expr) = 'label_replace(%s, "past", "%s", "", "")' % [expr, when];
    local alternatives = [
      as('yesterday', 'max_over_time(%s[2h] offset 23h)' % recorded),
      as('a week ago', 'max_over_time(%s[2h] offset 167h)' % recorded),
    ] + (if known == null then [] else [as('neither', '0 * ' + known)]);
    'max without (past) (\n    %s\n)\n' % std.join('\n  or\n    ', alternatives)
  ),

  local config = rules._config,
  local thresholds = config.thresholds,
  local codes = rules._recorded('codes'),
  local compared = rules._recorded('codesAndCloses', 'class="error", reason=~"keep_alive_timeout|session_taken_over"'),
  local raw = {
    codes(matchers): rules._broker('mqtt_reason_codes_total', matchers),
    closes(matchers): rules._broker('mqtt_reason_closes_without_code_total', matchers),
    denials(matchers): rules._broker('mqtt_reason_denials_without_code_total', matchers),
  },
  // One number of each broker (and of each target): the sum or maximum of whatever series have these events. Their labels differ,
  // so `or` joins them.
  local ofCodes = ['packet', 'direction', 'protocol', 'code', 'reason', 'class', 'evidence', 'source'],
  local ofEvents = ofCodes + ['initiator'],
  local ofBroker(aggregation, function_, window, selectors, labels=ofEvents) =
    '%s without (%s) (\n    %s\n)\n' % [
      aggregation,
      std.join(', ', labels),
      std.join('\n  or\n    ', ['%s(%s[%s])' % [function_, selector, window] for selector in selectors]),
    ],

  // Connects that failed: refused by a CONNACK, or without one (a TLS handshake; brokers that just close, or say it in their log).
  local failedConnects = [
    raw.codes('class="error", packet="CONNACK", direction="sent"'),
    raw.closes('class="error", ' + rules._reasons(std.set(config.reasons.authentication + config.reasons.unavailable + ['tls_error']))),
    raw.denials('class="error", action="connect"'),
  ],
  local lostConnections = [
    raw.codes('class="error", packet="DISCONNECT", ' + rules._reasons(config.reasons.lost)),
    raw.closes('class="error", ' + rules._reasons(config.reasons.lost)),
  ],

  // What limits are shares of.
  local sent(packets) = 'sum without (packet, direction) (%s)' % rules._recorded('perPacket', 'packet=~"%s", direction="sent"' % rules._any(packets)),
  local everyBroker = '0 * sum without (reason, class) (%s)\nor\n0 * sum without (action, reason, class) (%s)' % [rules._recorded('codesAndCloses'), rules._recorded('denials')],
  local volumes = {
    connects: rules._recorded('connects'),
    publishes: sent(['PUBACK', 'PUBREC']),
    subscriptions: sent(['SUBACK', 'UNSUBACK']),
    answers: sent(config.answers),
  },
  local limitOf(name, limit) =
    local hours = std.objectHas(limit, 'hours') && limit.hours;
    local volume =
      if !std.objectHas(limit, 'of') then '0 * ' + volumes.connects
      else if hours then '3600 * %g * avg_over_time(%s[1h])' % [limit.share, volumes[limit.of]]
      else '60 * %g * %s' % [limit.share, volumes[limit.of]];
    {
      record: rules._records.limit,
      labels: { alert: name },
      // What an operator has set for this broker comes first. A volume that nobody can see is 0: then the floor is the limit.
      expr: |||
        0 * %(any)s + on (broker) group_left () mqtt_reason:limit{alert="%(alert)s"}
        or
        clamp_min(%(volume)s, %(floor)g)%(or_any)s
      ||| % {
        alert: name,
        any: rules._recorded('connects'),
        volume: volume,
        floor: limit.floor,
        or_any: if !std.objectHas(limit, 'of') || limit.of == 'connects' then '' else '\nor\nclamp_min(0 * %s, %g)' % [rules._recorded('connects'), limit.floor],
      },
    },

  prometheusRules+:: {
    groups+: [
      {
        name: 'mqtt-reason-rates',
        rules: [
          {
            // One reason name covers both versions of the protocol, and one event counts once, whichever source reported it.
            record: rules._records.codes,
            expr: 'sum without (protocol, code, source, evidence) (rate(%s[5m]))' % rules._broker('mqtt_reason_codes_total'),
          },
          {
            record: rules._records.closes,
            expr: 'sum without (protocol, source) (rate(%s[5m]))' % rules._broker('mqtt_reason_closes_without_code_total'),
          },
          {
            record: rules._records.denials,
            expr: 'sum without (protocol, source) (rate(%s[5m]))' % rules._broker('mqtt_reason_denials_without_code_total'),
          },
          {
            // A reason is the same whether the client received a code (MQTT 5) or was only disconnected (MQTT 3).
            record: rules._records.codesAndCloses,
            expr: |||
              sum without (packet, direction, initiator) (
                  %s
                or
                  %s
              )
            ||| % [codes, rules._recorded('closes')],
          },
          {
            // Every error, with a code or without. Only while it occurs: so it is few series, and the dashboards read them.
            record: rules._records.allErrors,
            expr: |||
              sum without (class) (
                  %s
                or
                  %s
                or
                  %s
              ) > 0
            ||| % [rules._recorded(name, 'class="error"') for name in ['codes', 'closes', 'denials']],
          },
          {
            record: rules._records.perPacket,
            expr: 'sum without (reason, class) (%s)' % codes,
          },
          {
            record: rules._records.errorsPerPacket,
            expr: 'sum without (reason, class) (%s)' % rules._recorded('codes', 'class="error"'),
          },
          {
            record: rules._records.ratio5m,
            expr: '%s / (%s > 0)' % [rules._recorded('errorsPerPacket'), rules._recorded('perPacket')],
          },
          {
            // How many scrapes saw more refused logins: a burst that continues, not a log that is read all at once.
            record: rules._records.refusalsSeen,
            expr: 'max without (protocol, code, source, evidence) (changes(%s[5m])) > 0' % rules._broker('mqtt_reason_codes_total', rules._refusedLogins),
          },
          {
            record: rules._records.unrecognised,
            expr: |||
              sum without (outcome) (rate(%s[30m]))
              /
              sum without (outcome) (rate(%s[30m]))
              and
              sum without (outcome) (increase(%s[30m])) >= %g
            ||| % [
              rules._broker('mqtt_reason_source_records_total', 'outcome=~"malformed|unrecognised"'),
              rules._broker('mqtt_reason_source_records_total'),
              rules._broker('mqtt_reason_source_records_total'),
              thresholds.unrecognisedRecords,
            ],
          },
          {
            // Every broker has it: 0 where no CONNACK is visible.
            record: rules._records.connects,
            expr: |||
              %s
              or
              %s
            ||| % [sent(['CONNACK']), everyBroker],
          },
          {
            // This series exists only where the profile shows accepted clients.
            record: rules._records.accepted,
            expr: ofBroker('sum', 'rate', '3m', [raw.codes('class="success", packet="CONNACK", direction="sent"')], ofCodes),
          },
          {
            record: rules._records.failed,
            expr: ofBroker('sum', 'rate', '3m', failedConnects, ofEvents + ['action']),
          },
          {
            record: rules._records.failedSeen,
            expr: ofBroker('max', 'changes', '3m', failedConnects, ofEvents + ['action']) + '> 0\n',
          },
          {
            // Far fewer clients are accepted than in the hour before, and most fail; until more are accepted. A health check or a
            // bridge may still get in. A stranger who guesses passwords does not make fewer clients get in.
            record: rules._records.acceptedFew,
            expr: |||
              %(accepted)s < %(of_failed)g * %(failed)s
              and
              (
                %(accepted)s < %(of_usual)g * last_over_time(%(usual)s[15m])
                or
                last_over_time(%(few)s[10m])
              )
            ||| % {
              accepted: rules._recorded('accepted'),
              failed: rules._recorded('failed'),
              usual: rules._recorded('acceptedUsual'),
              few: rules._recorded('acceptedFew'),
              of_failed: thresholds.fewOfFailed,
              of_usual: thresholds.fewOfUsual,
            },
          },
          {
            // Who scans or guesses fails whether others get in or not. This is how often.
            record: rules._records.failedWhileAccepted,
            expr: '%s and %s > 0 unless %s' % [rules._recorded('failed'), rules._recorded('accepted'), rules._recorded('acceptedFew')],
          },
          {
            record: rules._records.lost,
            expr: ofBroker('sum', 'rate', '5m', lostConnections),
          },
          {
            record: rules._records.lostLately,
            expr: ofBroker('sum', 'rate', '2m', lostConnections),
          },
          {
            // Errors of what may never have sent a CONNECT, because the protocol is not known.
            record: rules._records.strangers,
            local ofStrangers = 'class="error", protocol="unknown", ' + rules._reasons(config.reasons.protocolErrors),
            expr: ofBroker('sum', 'rate', '5m', [raw.codes(ofStrangers + ', packet="CONNACK"'), raw.closes(ofStrangers)]),
          },
          {
            record: rules._records.records,
            expr: 'sum without (outcome) (rate(%s[3m]))' % rules._broker('mqtt_reason_source_records_total'),
          },
          {
            // Nothing comes, after a quarter of an hour in which never less came than a broker does by chance; until something
            // comes again. A source that falls silent by and by, as a plant does when a shift ends, is not in it, nor one that was
            // silent at this time on the last two days. If Prometheus knows less than a quarter of an hour, several scrapes must
            // have seen more records: clients that all connect at the start and stay connected are seen by fewer.
            record: rules._records.stopped,
            expr: |||
              %(records)s == 0
              and
              (
                (
                  60 * min_over_time(%(records)s[15m] offset 3m) > %(lively)g
                  and
                  max without (outcome) (changes(%(total)s[15m] offset 3m)) >= %(scrapes)g
                  unless
                  last_over_time(%(quiet)s[15m]) == 0
                )
                or
                last_over_time(%(stopped)s[10m])
              )
            ||| % {
              records: rules._recorded('records'),
              stopped: rules._recorded('stopped'),
              lively: thresholds.livelyRecordsAMinute,
              total: rules._broker('mqtt_reason_source_records_total'),
              scrapes: thresholds.livelyScrapes,
              quiet: rules._recorded('quietUsual'),
            },
          },
        ],
      },
      {
        // How many errors each minute brought. What one evaluation has counted is where the next one begins, so the sum over a
        // time range is the number of errors in it. Fifteen seconds later, because a scrape may take ten. A target that was away
        // for up to ten minutes is counted from where it was.
        name: 'mqtt-reason-counts',
        interval: '1m',
        rules: [
          {
            record: rules._records.errorCounts,
            local more(selector) = '(%s offset 15s - last_over_time(%s[10m] offset 75s)) > 0' % [selector, selector],
            expr: |||
              sum without (protocol, code, source, evidence, class) (
                  %s
                or
                  %s
                or
                  %s
              )
            ||| % [more(of('class="error"')) for of in [raw.codes, raw.closes, raw.denials]],
          },
        ],
      },
      {
        name: 'mqtt-reason-limits',
        rules: [limitOf(name, config.limits[name]) for name in std.objectFields(config.limits)],
      },
      {
        // What is usual of late. A day of it is read, so it is not read at each evaluation.
        name: 'mqtt-reason-usual',
        interval: '2m',
        rules: [
          {
            record: rules._records.acceptedUsual,
            expr: 'avg_over_time(%s[1h])' % rules._recorded('accepted'),
          },
          {
            record: rules._records.failedUsual,
            // Where nobody was accepted for a day, it is what it was before.
            expr: |||
              quantile_over_time(0.25, %s[1d])
              or
              last_over_time(%s[1h])
            ||| % [rules._recorded('failedWhileAccepted'), rules._recorded('failedUsual')],
          },
          {
            record: rules._records.lostUsual,
            expr: 'avg_over_time(%s[1d] offset 10m)' % rules._recorded('lost'),
          },
          {
            record: rules._records.tlsUsual,
            expr: 'sum without (reason, class) (avg_over_time(%s[1d] offset 10m))' % rules._recorded('codesAndCloses', 'class="error", reason="tls_error"'),
          },
          {
            // The least of three hours around this time of yesterday and the day before, of both: 0 if the source was silent on
            // both days. With summer time it is an hour earlier or later.
            record: rules._records.quietUsual,
            expr: 'min_over_time(%(records)s[3h] offset 22h30m) + min_over_time(%(records)s[3h] offset 46h30m)' % { records: rules._recorded('records') },
          },
          {
            // Where no success of a packet was ever seen, its errors may be all that this log level shows.
            record: rules._records.successSeen,
            expr: |||
              max without (reason, class) (%s) > 0
              or
              last_over_time(%s[1h])
            ||| % [rules._recorded('codes', 'class="success", direction="sent"'), rules._recorded('successSeen')],
          },
        ],
      },
      {
        name: 'mqtt-reason-past',
        rules: [
          {
            // Of few codes there is no ratio.
            record: rules._records.ratio30m,
            expr: |||
              sum_over_time(%(errors)s[30m]) / sum_over_time(%(codes)s[30m])
              and
              1800 * avg_over_time(%(codes)s[30m]) >= %(least)g
            ||| % { errors: rules._recorded('errorsPerPacket'), codes: rules._recorded('perPacket'), least: thresholds.ratioCodes },
          },
          {
            // Without a series of a week ago there is no past, and what is compared with it does not fire: neither in the first
            // week of a broker, nor of these rules. Where there were series and too few codes for a ratio, it was 0.
            record: rules._records.ratioPast,
            local known(offset) = rules._recorded('perPacket') + offset,
            expr: rules._past(rules._recorded('ratio30m'), known('')) + 'and\n%s\n' % known(' offset 7d'),
          },
          {
            record: rules._records.reasonPast,
            expr: rules._past(compared) + 'and\n%s offset 7d\n' % compared,
          },
          {
            record: rules._records.unrecognisedPast,
            expr: rules._past(rules._recorded('unrecognised')) + 'and\ncount_over_time(%s[1d] offset 156h)\n' % rules._recorded('unrecognised'),
          },
        ],
      },
      {
        // Only of errors that were there, so that a week of it is little. Read by ranges only.
        name: 'mqtt-reason-week',
        interval: '5m',
        rules: [
          {
            record: rules._records.errorsSeen,
            expr: |||
              sum without (protocol, code, source, evidence, class) (
                  increase(%s[10m])
                or
                  increase(%s[10m])
                or
                  increase(%s[10m])
              ) > 0
            ||| % [of('class="error"') for of in [raw.codes, raw.closes, raw.denials]],
          },
          {
            // A target is an exporter if it was one when it last answered, for as long as Prometheus is to scrape it.
            record: rules._records.known,
            local buildInfo = rules._target('mqtt_reason_exporter_build_info'),
            expr: |||
              group without (version, revision, compiler) (last_over_time(%s[10m]))
              or
              last_over_time(%s[1d]) and on (job, instance) up
            ||| % [buildInfo, rules._target(rules._records.known)],
          },
        ],
      },
    ],
  },
}
