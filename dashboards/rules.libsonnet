// Recording rules. Names are level:metric:operations. `without` keeps what the scrape and the operator added (job, instance,
// cluster, site): one exporter a broker, or many brokers an exporter, are told apart without another word. broker stays, so
// that rules can be sharded by it, and these series are all that has to travel to a Prometheus for the whole fleet: the groups
// rates and week read what is scraped, past and the alerts about clients only what is recorded (tests/rules/lint.py).
{
  local rules = self,

  // The names, for alerts and dashboards.
  _records:: {
    codes: 'broker_packet_direction_reason_class:mqtt_reason_codes:rate5m',
    closes: 'broker_reason_initiator_class:mqtt_reason_closes_without_code:rate5m',
    denials: 'broker_action_reason_class:mqtt_reason_denials_without_code:rate5m',
    codesAndCloses: 'broker_reason_class:mqtt_reason_codes_and_closes:rate5m',
    ratio5m: 'broker_packet_direction:mqtt_reason_errors_per_codes:ratio_rate5m',
    ratio30m: 'broker_packet_direction:mqtt_reason_errors_per_codes:ratio_rate30m',
    ratioPast: 'broker_packet_direction:mqtt_reason_errors_per_codes:ratio_rate30m_past',
    refusalsSeen: 'broker_packet_direction_reason_class:mqtt_reason_codes:changes5m',
    keepAlivePast: 'broker_reason_class:mqtt_reason_codes_and_closes:rate5m_past',
    unrecognised: 'broker_source:mqtt_reason_source_unrecognised_per_records:ratio_rate30m',
    unrecognisedPast: 'broker_source:mqtt_reason_source_unrecognised_per_records:ratio_rate30m_past',
    errorsSeen: 'broker_packet_direction_reason_class:mqtt_reason_codes:increase10m',
  },

  // A selector of the exporter's metrics that have a broker; of those that have none; of recorded series.
  local joined(matchers) = '{' + std.join(', ', [m for m in matchers if m != '']) + '}',
  local orNothing(selector) = if selector == '{}' then '' else selector,
  _broker(metric, matchers=''):: metric + orNothing(joined([rules._config.selector, rules._config.brokerSelector, matchers])),
  _target(metric, matchers=''):: metric + orNothing(joined([rules._config.selector, matchers])),
  _recorded(name, matchers=''):: rules._broker(rules._records[name], matchers),
  _any(names):: std.join('|', names),
  _reasons(names):: if std.length(names) == 1 then 'reason="%s"' % names[0] else 'reason=~"%s"' % rules._any(names),
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
  local keepAlive = rules._recorded('codesAndCloses', 'class="error", reason="keep_alive_timeout"'),

  prometheusRules+:: {
    groups+: [
      {
        name: 'mqtt-reason-rates',
        rules: [
          {
            // One reason name covers both versions of the protocol, and one event counts once, whichever source told it.
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
            // A reason is the same whether the client was told by a code (MQTT 5) or just closed (MQTT 3).
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
            record: rules._records.ratio5m,
            expr: |||
              sum without (reason, class) (%s)
              /
              (sum without (reason, class) (%s) > 0)
            ||| % [rules._recorded('codes', 'class="error"'), codes],
          },
          {
            // How many scrapes saw more refused logins: a burst that goes on, not a log that is read all at once.
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
        ],
      },
      {
        name: 'mqtt-reason-past',
        rules: [
          {
            // Of few codes there is no ratio.
            record: rules._records.ratio30m,
            expr: |||
              sum without (reason, class) (sum_over_time(%s[30m]))
              /
              sum without (reason, class) (sum_over_time(%s[30m]))
              and
              1800 * sum without (reason, class) (avg_over_time(%s[30m])) >= %g
            ||| % [rules._recorded('codes', 'class="error"'), codes, codes, thresholds.ratioCodes],
          },
          {
            // Without a series of a week ago there is no past, and what is compared with it does not fire: neither in the first
            // week of a broker, nor of these rules. Where there were series and too few codes for a ratio, it was 0.
            record: rules._records.ratioPast,
            local known(offset) = 'count without (reason, class) (%s)' % (codes + offset),
            expr: rules._past(rules._recorded('ratio30m'), known('')) + 'and\n%s\n' % known(' offset 7d'),
          },
          {
            record: rules._records.keepAlivePast,
            expr: rules._past(keepAlive) + 'and\n%s offset 7d\n' % keepAlive,
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
            expr: 'sum without (protocol, code, source, evidence) (increase(%s[10m])) > 0' % rules._broker('mqtt_reason_codes_total', 'class="error"'),
          },
        ],
      },
    ],
  },
}
