// Alerts, of class="error" only: 0x10 and 0x11 are no errors. Two of them page.
//
// What comes all at once is no state of things: a log that is read after the exporter was away, the clients that all come back
// after a network outage. It shows in a rate of five minutes for five minutes; so alerts on it wait for longer. The one that has
// to be quick asks instead that several scrapes saw more of it.
{
  local alerts = self,
  local config = alerts._config,
  local thresholds = config.thresholds,
  local severities = config.severities,
  local recorded(name, matchers='') = alerts._recorded(name, matchers),
  local broker(metric, matchers='') = alerts._broker(metric, matchers),

  local alert(name, severity, wait, expr, summary, description) = {
    alert: name,
    expr: expr,
    [if wait != null then 'for']: wait,
    labels: { severity: severity },
    annotations: {
      summary: summary,
      description: description,
      runbook_url: config.runbookURL + '#' + std.asciiLower(name),
    },
  },

  // A minute, of one broker: of all packets and reasons of the selector together.
  local codesAMinute(matchers) = '60 * sum without (packet, direction, reason, class) (%s)' % recorded('codes', 'class="error", ' + matchers),
  local reasonsAMinute(reasons) = '60 * sum without (reason, class) (%s)' % recorded('codesAndCloses', 'class="error", ' + alerts._reasons(reasons)),

  local value = '{{ printf "%.1f" $value }}',
  local whole = '{{ printf "%.0f" $value }}',
  local percent = '{{ $value | humanizePercentage }}',
  local name = '{{ $labels.broker }}',
  local source = 'source {{ $labels.source }} of broker {{ $labels.broker }}',
  local askReasons = ' Which reasons: the dashboard, or list codes and lookup of the exporter.',

  prometheusAlerts+:: {
    groups+: [
      {
        name: 'mqtt-reason-clients',
        rules: [
          alert(
            'MqttReasonAuthenticationBurst',
            severities.ticket,
            '30s',
            |||
              60 * sum without (packet, direction, reason, class) (%s) > %g
              and
              max without (packet, direction, reason, class) (%s) >= 3
            ||| % [
              recorded('codes', alerts._refusedLogins),
              thresholds.authenticationBurst,
              recorded('refusalsSeen'),
            ],
            'Broker %s refuses many logins' % name,
            'Broker %s refused %s logins a minute over the last five minutes, and goes on (threshold: %g). Somebody tries passwords, devices have old ones, or what the broker asks about them is broken.' % [name, value, thresholds.authenticationBurst]
          ),
          alert(
            'MqttReasonAuthenticationSteady',
            severities.ticket,
            '3h',
            '3600 * sum without (packet, direction, reason, class) (avg_over_time(%s[1h])) > %g' % [
              recorded('codes', alerts._refusedLogins),
              thresholds.authenticationSteadyAnHour,
            ],
            'Broker %s has refused logins for hours' % name,
            'Broker %s refused %s logins in the last hour, and no fewer than %g in each of the hours before. Somebody guesses slowly, or a device with an old password tries for ever.' % [name, whole, thresholds.authenticationSteadyAnHour]
          ),
          alert(
            'MqttReasonPublishDenied',
            severities.ticket,
            '10m',
            |||
              60 * sum without (packet, direction, initiator, reason, class) (
                  %s
                or
                  %s
              ) > %g
            ||| % [
              recorded('codes', 'class="error", packet=~"PUBACK|PUBREC|DISCONNECT", direction="sent", reason="not_authorized"'),
              recorded('closes', 'class="error", reason="not_authorized"'),
              thresholds.publishDenied,
            ],
            'Broker %s denies publishing' % name,
            'Broker %s denied %s messages a minute as not authorized, or ended connections for it, for ten minutes (threshold: %g). The messages are lost. An access rule is missing, or clients publish where they should not.' % [name, value, thresholds.publishDenied]
          ),
          alert(
            'MqttReasonSubscribeDenied',
            severities.ticket,
            '10m',
            '%s > %g' % [codesAMinute('packet=~"SUBACK|UNSUBACK", direction="sent", ' + alerts._reasons(config.reasons.subscribeDenied)), thresholds.subscribeDenied],
            'Broker %s denies subscriptions' % name,
            'Broker %s denied %s subscriptions a minute for ten minutes (threshold: %g). Those clients hear nothing, and many do not notice. An access rule is missing, or clients ask for what is not theirs.' % [name, value, thresholds.subscribeDenied]
          ),
          alert(
            'MqttReasonDeniedWithoutCode',
            severities.ticket,
            '10m',
            '60 * sum without (reason, class) (%s) > %g' % [recorded('denials', 'class="error"'), thresholds.deniedWithoutCode],
            'Broker %s denies clients, and no reason code says so: {{ $labels.action }}' % name,
            'Broker %s refused %s requests a minute of the kind {{ $labels.action }} for ten minutes (threshold: %g). The clients were not told: these are publishes with QoS 0, or clients of MQTT 3. Denied messages are lost. An access rule is missing, or clients do what they should not.' % [name, value, thresholds.deniedWithoutCode]
          ),
          alert(
            'MqttReasonServerUnavailable',
            severities.page,
            '10m',
            '%s > %g' % [reasonsAMinute(config.reasons.unavailable), thresholds.unavailable],
            'Broker %s says that it is unavailable' % name,
            'Broker %s turned clients away %s times a minute as unavailable, busy or shutting down, for ten minutes (threshold: %g).' % [name, value, thresholds.unavailable]
          ),
          alert(
            'MqttReasonErrorRatioAboveItsPast',
            severities.page,
            '10m',
            |||
              %(now)s > %(more)g + %(times)g * %(past)s
              and
              %(latest)s > %(more)g + %(times)g * %(past)s
            ||| % {
              local answers = 'packet=~"%s", direction="sent"' % alerts._any(config.answers),
              now: recorded('ratio30m', answers),
              latest: recorded('ratio5m', answers),
              past: recorded('ratioPast', answers),
              times: thresholds.ratioTimes,
              more: thresholds.ratioMore,
            },
            'Broker %s answers with far more errors than usual in {{ $labels.packet }}' % name,
            'In the last half hour %s of the {{ $labels.packet }} codes that broker %s sent were errors: more than %g times the highest share at this time yesterday and a week ago, and %g percentage points.' % [percent, name, thresholds.ratioTimes, 100 * thresholds.ratioMore] + askReasons
          ),
          alert(
            'MqttReasonQuotaExceeded',
            severities.ticket,
            '15m',
            '%s > %g' % [reasonsAMinute(config.reasons.quota), thresholds.quota],
            'Clients of broker %s run into limits' % name,
            'Limits of broker %s (quotas, rates, messages in flight) were exceeded %s times a minute for fifteen minutes (threshold: %g). Either a client floods, or a limit is too low for what is normal.' % [name, value, thresholds.quota]
          ),
          alert(
            'MqttReasonTakeOverStorm',
            severities.ticket,
            '15m',
            '%s > %g' % [reasonsAMinute(['session_taken_over']), thresholds.takeOver],
            'Clients of broker %s throw each other out' % name,
            'Broker %s ended %s connections a minute because another client came with the same id, for fifteen minutes (threshold: %g). Two devices share an id, or one opens a second connection before it has given up the first.' % [name, value, thresholds.takeOver]
          ),
          alert(
            'MqttReasonKeepAliveTimeoutsRising',
            severities.ticket,
            '10m',
            |||
              60 * sum without (reason, class) (avg_over_time(%(now)s[30m]) > %(times)g * %(past)s) > %(least)g
              and
              60 * sum without (reason, class) (%(now)s > %(times)g * %(past)s) > %(least)g
            ||| % {
              now: recorded('codesAndCloses', 'class="error", reason="keep_alive_timeout"'),
              past: recorded('keepAlivePast'),
              times: thresholds.keepAliveTimes,
              least: thresholds.keepAliveTimeouts,
            },
            'More clients of broker %s fall silent than usual' % name,
            'In the last half hour broker %s gave up %s clients a minute that sent nothing within their keep-alive: more than %g times the highest rate at this time yesterday and a week ago. A network, a proxy that forgets connections, or a release of the clients.' % [name, value, thresholds.keepAliveTimes]
          ),
          alert(
            'MqttReasonProtocolErrors',
            severities.ticket,
            '15m',
            '%s > %g' % [reasonsAMinute(config.reasons.protocolErrors), thresholds.protocolErrors],
            'Clients of broker %s break the protocol' % name,
            'Broker %s and its clients met %s protocol errors or malformed packets a minute for fifteen minutes (threshold: %g). A faulty client library, something that is no MQTT on this port, or a scan.' % [name, value, thresholds.protocolErrors]
          ),
          alert(
            'MqttReasonPacketTooLarge',
            severities.ticket,
            '15m',
            '%s > %g' % [reasonsAMinute(['packet_too_large']), thresholds.packetTooLarge],
            'Packets are too large for broker %s or its clients' % name,
            'Broker %s and its clients refused %s packets a minute as too large, for fifteen minutes (threshold: %g). The messages are lost, and the sender is thrown out.' % [name, value, thresholds.packetTooLarge]
          ),
          alert(
            'MqttReasonUnsupportedProtocolVersion',
            severities.info,
            '2h',
            '3600 * sum without (reason, class) (avg_over_time(%s[1h])) > %g' % [
              recorded('codesAndCloses', 'class="error", reason="unsupported_protocol_version"'),
              thresholds.unsupportedVersionAnHour,
            ],
            'Clients of broker %s speak a version of MQTT that it does not' % name,
            'Broker %s refused %s connections in the last hour for their protocol version (threshold: %g). Those clients never get in.' % [name, whole, thresholds.unsupportedVersionAnHour]
          ),
          alert(
            'MqttReasonFirstInAWeek',
            severities.info,
            null,
            |||
              max_over_time(%(seen)s[30m])
              unless
              max_over_time(%(seen)s[7d] offset 30m)
              and
              %(codes)s offset 7d
            ||| % { seen: recorded('errorsSeen'), codes: recorded('codes') },
            'Broker %s: {{ $labels.packet }} {{ $labels.direction }} {{ $labels.reason }}, for the first time in a week' % name,
            'Broker %s has not had {{ $labels.packet }} {{ $labels.direction }} {{ $labels.reason }} for a week; in the last half hour there were %s within ten minutes. Something changed: a release of clients, a rule, a limit.' % [name, whole]
          ),
        ],
      },
      {
        name: 'mqtt-reason-exporter',
        rules: [
          alert(
            'MqttReasonExporterDown',
            severities.ticket,
            '5m',
            'up == 0 and on (job, instance) max_over_time(%s[1d])' % alerts._target('mqtt_reason_exporter_build_info'),
            'The exporter {{ $labels.instance }} does not answer',
            'Prometheus has not been able to scrape {{ $labels.instance }} (job {{ $labels.job }}) for five minutes. No reason code of its brokers is seen, and no other alert about them fires.'
          ),
          alert(
            'MqttReasonSourceDown',
            severities.ticket,
            '5m',
            '%s == 0' % broker('mqtt_reason_source_up'),
            'The exporter cannot read %s' % source,
            'The exporter {{ $labels.instance }} has not been able to read %s for five minutes: the log cannot be opened, the broker does not let it in, or the interface is missing. Its own log and its page say why.' % source
          ),
          alert(
            'MqttReasonSourceSilent',
            severities.ticket,
            '10m',
            |||
              %(silent)s == 1
              or
              (
                  sum without (outcome) (increase(%(records)s[1h])) == 0
                and
                  %(up)s == 1
                and
                  sum without (outcome) (increase(%(records)s[1h] offset 1d)) > %(least)g
                and
                  sum without (outcome) (increase(%(records)s[1h] offset 7d)) > %(least)g
              )
            ||| % {
              silent: broker('mqtt_reason_source_silent'),
              records: broker('mqtt_reason_source_records_total'),
              up: broker('mqtt_reason_source_up'),
              least: thresholds.silentRecordsAnHour,
            },
            'Nothing comes from %s' % source,
            'The exporter {{ $labels.instance }} can read %s, and nothing comes: since it subscribed, or for an hour, in which it told more than %g records yesterday and a week ago. An access rule denies reading, the log level changed, or the broker writes elsewhere.' % [source, thresholds.silentRecordsAnHour]
          ),
          alert(
            'MqttReasonLogDataLost',
            severities.ticket,
            null,
            'increase(%s[1h]) > 0' % broker('mqtt_reason_log_lost_bytes_total'),
            'Bytes of the log were lost in %s' % source,
            'In the last hour about %s bytes of the log were lost in %s: reason codes in them are not counted. Usual causes are copytruncate, and a rotation that removes files before they are read.' % [whole, source]
          ),
          alert(
            'MqttReasonRecordsDropped',
            severities.ticket,
            null,
            'sum without (cause) (increase(%s[1h])) > 0' % broker('mqtt_reason_source_records_dropped_total'),
            'Records were lost in %s' % source,
            'In the last hour about %s records were lost in %s before they were read: reason codes in them are not counted. mqtt_reason_source_records_dropped_total says by which cause.' % [whole, source]
          ),
          alert(
            'MqttReasonCaptureIncomplete',
            severities.info,
            '15m',
            |||
              sum without (by) (rate(%(dropped)s[15m]))
              /
              (rate(%(frames)s[15m]) + sum without (by) (rate(%(dropped)s[15m])))
              > %(most)g
            ||| % {
              dropped: broker('mqtt_reason_capture_frames_dropped_total'),
              frames: broker('mqtt_reason_capture_frames_total'),
              most: thresholds.captureDropped,
            },
            'The capture misses frames in %s' % source,
            '%s of the frames were dropped in %s over fifteen minutes (threshold: %g %%). Reason codes in them are not counted. A larger buffer_bytes helps against bursts.' % [percent, source, 100 * thresholds.captureDropped]
          ),
          alert(
            'MqttReasonRecordsNotRecognised',
            severities.ticket,
            '1h',
            '%s > %g + %g * %s' % [
              recorded('unrecognised'),
              thresholds.unrecognisedMore,
              thresholds.unrecognisedTimes,
              recorded('unrecognisedPast'),
            ],
            'The profile no longer fits %s' % source,
            '%s of the records of %s were not recognised, far more than at this time yesterday and a week ago. After an upgrade of the broker its profile may no longer fit: reason codes may be missed. mqtt_reason_source_record_errors_total says by which cause.' % [percent, source]
          ),
          alert(
            'MqttReasonSeriesLimitHit',
            severities.info,
            null,
            'increase(%s[1h]) > 0' % broker('mqtt_reason_series_limit_hits_total'),
            'Broker %s has more reason codes than series' % name,
            'In the last hour about %s codes in %s were counted as code="other", because the limit of series was reached. Unusual bytes come as reason codes: a faulty broker, or somebody who plays.' % [whole, source]
          ),
          alert(
            'MqttReasonCheckpointFailing',
            severities.ticket,
            '15m',
            '%s == 0 and %s > 0' % [broker('mqtt_reason_checkpoint_durable'), broker('mqtt_reason_checkpoint_write_failures_total')],
            'The counters of %s are in memory only' % source,
            'The exporter {{ $labels.instance }} has not been able to write the checkpoint of %s for fifteen minutes. Counting goes on; after a restart what was counted since is lost or counted again. Look for a full or read-only file system under its state folder.' % source
          ),
          alert(
            'MqttReasonConfigReloadFailed',
            severities.ticket,
            '5m',
            alerts._target('mqtt_reason_config_last_reload_successful') + ' == 0',
            'The exporter {{ $labels.instance }} did not take its new configuration',
            'The exporter {{ $labels.instance }} was told to read its configuration again, and refused it; it goes on with the one before, and the next start may fail. Its log says why, with file, line and column; so does check config FILE.'
          ),
        ],
      },
      {
        name: 'mqtt-reason-sources',
        rules: [
          // Where one source of a broker is the authority, what the others see of the same events is the shadow: the two should
          // rise together. A profile that no longer fits its broker falls silent, or misreads. What a source tells only in part
          // (some brokers' SUBACKs) stays between the two.
          alert(
            'MqttReasonSourcesDisagree',
            severities.ticket,
            '1h',
            |||
              (
                  %(codes)s > 20
                and
                  %(shadow)s == 0
              )
              or
              (
                  %(shadow)s
                >
                  1.5 * %(codes)s + 20
              )
            ||| % {
              local anHour(selector) = 'sum without (protocol, code, class, source, evidence) (increase(%s[1h]))' % selector,
              codes: anHour(broker('mqtt_reason_codes_total')),
              shadow: anHour(broker('mqtt_reason_shadow_codes_total', 'evidence="explicit"')),
            },
            'Sources of broker %s disagree about {{ $labels.packet }} {{ $labels.direction }} {{ $labels.reason }}' % name,
            'For an hour one source has counted {{ $labels.packet }} {{ $labels.direction }} {{ $labels.reason }} and another, which can tell it too, none of it or far more (%s in the last hour where it was told). After an upgrade of the broker its profile may no longer fit: see mqtt_reason_source_records_total{outcome="unrecognised"} of that source, and run replay --compare LOG FILE.pcap. Or the capture does not see all clients: those of TLS, or of other ports.' % whole
          ),
        ],
      },
    ],
  },
}
