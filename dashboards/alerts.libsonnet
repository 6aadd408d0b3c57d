// SPDX-License-Identifier: Apache-2.0
// Alerts, of class="error" only: 0x10 and 0x11 are not errors.
//
// Rates of clients' errors are compared with limits (rules.libsonnet), which grow with the broker: the same rules serve 5 clients and
// 100,000. What is compared with the past has a sibling that needs no past.
//
// Many events at once are not a lasting state: a log that is read after the exporter was away, clients that all come back after a
// network outage. They show in a rate of five minutes for five minutes; so most alerts wait for longer. Alerts that have to be quick
// ask instead that several scrapes saw more of it.
//
// What strangers alone can cause (guessed passwords, scans) is critical only if nobody else gets in.
{
  local alerts = self,
  local config = alerts._config,
  local thresholds = config.thresholds,
  local limits = config.limits,
  local severities = config.severities,
  local recorded(name, matchers='') = alerts._recorded(name, matchers),
  local broker(metric, matchers='') = alerts._broker(metric, matchers),

  // By default the exporter that raised the alert has the runbook. One that does not answer has none: any other has.
  local liveInstance = '{{ with printf "topk(1, up == 1 and on (job, instance) %s)" | query }}{{ . | first | label "instance" }}{{ else }}{{ $labels.instance }}{{ end }}' % alerts._target('mqtt_reason_exporter_build_info'),
  local ofALiveOne(url) = std.strReplace(url, '{{ $labels.instance }}', liveInstance),

  local dashboardOf(uid, labels) =
    if config.grafanaURL == '' then 'http://{{ $labels.instance }}/'
    else config.grafanaURL + '/d/' + uid + '?' + std.join('&', ['var-%s={{ $labels.%s | urlquery }}' % [label, label] for label in labels]),

  local alert(name, severity, wait, expr, summary, description, dashboard='mqtt-reason-connections', labels=['job', 'instance', 'broker'], exporterIsAway=false) =
    local link(url) = if exporterIsAway then ofALiveOne(url) else url;
    {
      alert: name,
      expr: expr,
      [if wait != null then 'for']: wait,
      labels: { severity: severity },
      annotations: {
        summary: summary,
        description: description,
        runbook_url: link(config.runbookURL) + '#' + std.asciiLower(name),
        dashboard_url: link(dashboardOf(dashboard, labels)),
      },
    },

  // What is above the limit of the alert. `extra`: labels of it that the limit does not have.
  local above(name, expr, extra=[], times=1) =
    '%s > ignoring (%s)%s %s%s' % [
      expr,
      std.join(', ', ['alert'] + extra),
      if extra == [] then '' else ' group_left ()',
      if times == 1 then '' else '(%g * ' % times,
      alerts._limit(name),
    ] + (if times == 1 then '' else ')'),
  // "limit: 10, or 5 % of connects if that is more"
  local limitOf(name) =
    local limit = limits[name];
    if std.objectHas(limit, 'of') then '%g, or %g %% of %s if that is more' % [limit.floor, 100 * limit.share, { connects: 'the connects', publishes: 'the acknowledged publishes', subscriptions: 'the answered subscriptions', answers: 'all answers' }[limit.of]]
    else '%g' % limit.floor,

  // A minute, of one broker: of all packets and reasons of the selector together.
  local codesAMinute(matchers) = '60 * sum without (packet, direction, reason, class) (%s)' % recorded('codes', 'class="error", ' + matchers),
  local reasonsAMinute(reasons) = '60 * sum without (reason, class) (%s)' % recorded('codesAndCloses', 'class="error", ' + alerts._reasons(reasons)),

  local value = '{{ printf "%.1f" $value }}',
  local whole = '{{ printf "%.0f" $value }}',
  local percent = '{{ $value | humanizePercentage }}',
  local name = '{{ $labels.broker }}',
  local source = 'source {{ $labels.source }} of broker {{ $labels.broker }}',
  // Of an error with a code, of an end or of a denial without one.
  local what = '{{ with $labels.packet }}{{ . }} {{ $labels.direction }}{{ end }}{{ with $labels.initiator }}closed by {{ . }}{{ end }}{{ with $labels.action }}{{ . }} denied{{ end }}: {{ $labels.reason }}',
  local askReasons = ' The dashboard shows which reasons.',

  prometheusAlerts+:: {
    groups+: [
      {
        name: 'mqtt-reason-clients',
        rules: [
          alert(
            'MqttReasonNobodyGetsIn',
            severities.critical,
            '1m',
            |||
              (
                %(above)s
                unless
                %(failed)s <= %(times)g * %(usual)s
              )
              and (%(accepted)s == 0 or %(few)s)
              and %(seen)s >= 2
            ||| % {
              above: above('MqttReasonNobodyGetsIn', '60 * ' + recorded('failed')),
              failed: recorded('failed'),
              times: thresholds.failedTimes,
              usual: recorded('failedUsual'),
              accepted: recorded('accepted'),
              few: recorded('acceptedFew'),
              seen: recorded('failedSeen'),
            },
            'Clients do not get in at broker %s' % name,
            'For at least four minutes broker %s accepted no client or very few, and %s connects a minute failed (limit: %s). Logins, certificates or the authentication backend are broken for all clients or for most. Clients that lose their connection cannot come back.' % [name, value, limitOf('MqttReasonNobodyGetsIn')]
          ),
          alert(
            'MqttReasonMassDisconnect',
            severities.critical,
            // Longer than what is lost at once stays in the rate of two minutes: clients that were lost at once come back.
            '2m30s',
            |||
              %(above)s
              and %(lost)s > %(times)g * %(usual)s
              and %(lately)s
              and %(lost_lately)s > %(times)g * %(usual)s
            ||| % {
              above: above('MqttReasonMassDisconnect', '60 * ' + recorded('lost')),
              lost: recorded('lost'),
              times: thresholds.lostTimes,
              usual: recorded('lostUsual'),
              lately: above('MqttReasonMassDisconnect', '60 * ' + recorded('lostLately')),
              lost_lately: recorded('lostLately'),
            },
            'Broker %s is losing its clients' % name,
            'Broker %s lost %s connections a minute over the last five minutes because of network errors, keep-alive time-outs and unspecified errors, and the losses continue. That is more than %g times the mean of the last day (limit: %s). Likely causes: the network, a load balancer, or the broker itself.' % [name, value, thresholds.lostTimes, limitOf('MqttReasonMassDisconnect')]
          ),
          alert(
            'MqttReasonTlsErrors',
            severities.warning,
            '5m',
            |||
              %(above)s
              unless
              %(tls)s <= %(times)g * %(usual)s
            ||| % {
              above: above('MqttReasonTlsErrors', reasonsAMinute(['tls_error'])),
              tls: 'sum without (reason, class) (%s)' % recorded('codesAndCloses', 'class="error", reason="tls_error"'),
              times: thresholds.tlsTimes,
              usual: recorded('tlsUsual'),
            },
            'TLS fails for clients of broker %s' % name,
            'TLS failed %s times a minute at broker %s over the last five minutes. That is more than %g times the mean of the last day (limit: %s). Likely causes: a certificate has expired or was replaced, clients do not trust it, or somebody scans the port.' % [value, name, thresholds.tlsTimes, limitOf('MqttReasonTlsErrors')]
          ),
          alert(
            'MqttReasonMostRequestsFail',
            severities.critical,
            '10m',
            // Refused logins have alerts of their own: a stranger who guesses passwords could make them most of all connects.
            |||
              (
                  %(ratio)s > %(most)g
                and
                  %(errors)s
              )
              and %(success)s
            ||| % {
              local packets = 'packet=~"%s", direction="sent"' % alerts._any(config.answers),
              local strangers = 'packet="CONNACK", direction="sent", ' + alerts._reasons(config.reasons.authentication),
              local mattering = '(%s unless %s)' % [recorded('codes', 'class="error", ' + packets), recorded('codes', 'class="error", ' + strangers)],
              local errorsOf = 'sum without (reason, class) %s' % mattering,
              ratio: '%s / (%s > 0)' % [errorsOf, recorded('perPacket', packets)],
              errors: above('MqttReasonMostRequestsFail', '60 * ' + errorsOf, ['packet', 'direction']),
              success: recorded('successSeen'),
              most: thresholds.mostRequests,
            },
            'Broker %s answers most requests with an error: {{ $labels.packet }}' % name,
            'For ten minutes %s of the {{ $labels.packet }} codes that broker %s sent were errors (threshold: %g %%; limit: %s a minute). Most clients cannot do this now.' % [percent, name, 100 * thresholds.mostRequests, limitOf('MqttReasonMostRequestsFail')] + askReasons,
            'mqtt-reason-codes'
          ),
          alert(
            'MqttReasonAuthenticationBurst',
            severities.warning,
            '30s',
            |||
              %s
              and
              max without (packet, direction, reason, class) (%s) >= 3
            ||| % [
              above('MqttReasonAuthenticationBurst', '60 * sum without (packet, direction, reason, class) (%s)' % recorded('codes', alerts._refusedLogins)),
              recorded('refusalsSeen'),
            ],
            'Broker %s refuses many logins' % name,
            'Broker %s refused %s logins a minute over the last five minutes, and continues (limit: %s). Likely causes: password guessing, stale credentials, or a failing authentication backend.' % [name, value, limitOf('MqttReasonAuthenticationBurst')]
          ),
          alert(
            'MqttReasonAuthenticationSteady',
            severities.warning,
            '3h',
            above('MqttReasonAuthenticationSteady', '3600 * sum without (packet, direction, reason, class) (avg_over_time(%s[1h]))' % recorded('codes', alerts._refusedLogins)),
            'Broker %s has refused logins for hours' % name,
            'Broker %s refused %s logins in the last hour, and more than the limit in each of the three hours before (limit: %s). Likely causes: slow password guessing, or devices that retry with old passwords.' % [name, whole, limitOf('MqttReasonAuthenticationSteady')]
          ),
          alert(
            'MqttReasonPublishDenied',
            severities.warning,
            '10m',
            above('MqttReasonPublishDenied', |||
              60 * sum without (packet, direction, initiator, reason, class) (
                  %s
                or
                  %s
              )
            ||| % [
              recorded('codes', 'class="error", packet=~"PUBACK|PUBREC|DISCONNECT", direction="sent", reason="not_authorized"'),
              recorded('closes', 'class="error", reason="not_authorized"'),
            ]),
            'Broker %s denies publishing' % name,
            'For ten minutes broker %s denied %s messages a minute as not authorized, or ended connections because of them (limit: %s). The messages are lost. Likely causes: a missing access rule, or clients that publish to topics that they must not use.' % [name, value, limitOf('MqttReasonPublishDenied')],
            'mqtt-reason-codes'
          ),
          alert(
            'MqttReasonSubscribeDenied',
            severities.warning,
            '10m',
            above('MqttReasonSubscribeDenied', codesAMinute('packet=~"SUBACK|UNSUBACK", direction="sent", ' + alerts._reasons(config.reasons.subscribeDenied))),
            'Broker %s denies subscriptions' % name,
            'For ten minutes broker %s denied %s subscriptions a minute (limit: %s). Those clients receive nothing, and many do not notice. Likely causes: a missing access rule, or clients that subscribe to topics that they must not read.' % [name, value, limitOf('MqttReasonSubscribeDenied')],
            'mqtt-reason-codes'
          ),
          alert(
            'MqttReasonDeniedWithoutCode',
            severities.warning,
            '10m',
            above('MqttReasonDeniedWithoutCode', '60 * sum without (reason, class) (%s)' % recorded('denials', 'class="error"'), ['action']),
            'Broker %s denies clients without a reason code: {{ $labels.action }}' % name,
            'For ten minutes broker %s denied %s {{ $labels.action }} requests a minute without a reason code (limit: %s). The clients are not informed: the requests are publishes with QoS 0, or come from clients of MQTT 3. Denied messages are lost. Likely causes: a missing access rule, or clients that use topics that they must not use.' % [name, value, limitOf('MqttReasonDeniedWithoutCode')],
            'mqtt-reason-codes'
          ),
          alert(
            'MqttReasonServerUnavailable',
            severities.critical,
            '10m',
            above('MqttReasonServerUnavailable', reasonsAMinute(config.reasons.unavailable)),
            'Broker %s answers that it is unavailable' % name,
            'For ten minutes broker %s refused or disconnected %s clients a minute because it is unavailable or busy (limit: %s).' % [name, value, limitOf('MqttReasonServerUnavailable')]
          ),
          alert(
            'MqttReasonErrorRatioAboveItsPast',
            severities.critical,
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
            'Broker %s answers with far more errors than usual: {{ $labels.packet }}' % name,
            'In the last half hour %s of the {{ $labels.packet }} codes that broker %s sent were errors. That is more than %g times the highest share at this time yesterday and a week ago, plus %g percentage points.' % [percent, name, thresholds.ratioTimes, 100 * thresholds.ratioMore] + askReasons
          ),
          alert(
            'MqttReasonQuotaExceeded',
            severities.warning,
            '15m',
            above('MqttReasonQuotaExceeded', reasonsAMinute(config.reasons.quota)),
            'Clients of broker %s exceed limits' % name,
            'For fifteen minutes clients of broker %s exceeded its quotas, rates or numbers of messages in flight %s times a minute (limit: %s). Likely causes: a client that floods the broker, or a limit that is too low for normal traffic.' % [name, value, limitOf('MqttReasonQuotaExceeded')]
          ),
          alert(
            'MqttReasonTakeOverStorm',
            severities.warning,
            '15m',
            // Mobile clients that change networks take over their own sessions. Two clients that fight do little else, and did not
            // do so before.
            |||
              %(above)s
              and
              (%(now)s > %(share)g * %(connects)s or %(now)s > %(times)g * %(past)s)
            ||| % {
              above: above('MqttReasonTakeOverStorm', reasonsAMinute(['session_taken_over'])),
              local ofTakeOvers(expr) = 'sum without (reason, class) (%s)' % expr,
              now: ofTakeOvers(recorded('codesAndCloses', 'class="error", reason="session_taken_over"')),
              share: thresholds.takeOverShare,
              connects: recorded('connects'),
              times: thresholds.pastTimes,
              past: ofTakeOvers(recorded('reasonPast', 'class="error", reason="session_taken_over"')),
            },
            'Clients of broker %s disconnect each other' % name,
            'For fifteen minutes broker %s ended %s connections a minute because another client connected with the same client id (limit: %s). That is nearly as many as it accepted, or more than %g times the highest rate at this time yesterday and a week ago. Likely causes: two devices share a client id, or a device opens a second connection before the first has timed out.' % [name, value, limitOf('MqttReasonTakeOverStorm'), thresholds.pastTimes]
          ),
          alert(
            'MqttReasonKeepAliveTimeoutsRising',
            severities.warning,
            '10m',
            // Its sibling without a past is MqttReasonMassDisconnect.
            |||
              %(long)s
              and
              %(short)s
            ||| % {
              local now = recorded('codesAndCloses', 'class="error", reason="keep_alive_timeout"'),
              local past = recorded('reasonPast', 'class="error", reason="keep_alive_timeout"'),
              local rising(expr) = above('MqttReasonKeepAliveTimeoutsRising', '60 * sum without (reason, class) (%s > %g * %s)' % [expr, thresholds.pastTimes, past]),
              long: rising('avg_over_time(%s[30m])' % now),
              short: rising(now),
            },
            'More clients of broker %s time out than usual' % name,
            'In the last half hour broker %s disconnected %s clients a minute because they sent nothing within their keep alive. That is more than %g times the highest rate at this time yesterday and a week ago (limit: %s). Likely causes: the network, a proxy that drops idle connections, or a new client release.' % [name, value, thresholds.pastTimes, limitOf('MqttReasonKeepAliveTimeoutsRising')]
          ),
          alert(
            'MqttReasonProtocolErrors',
            severities.warning,
            '15m',
            // Whoever opens a connection to a port on the internet can send what is not MQTT.
            |||
              %(of_clients)s
              or
              %(of_all)s
            ||| % {
              local all = reasonsAMinute(config.reasons.protocolErrors),
              local strangers = '60 * ' + recorded('strangers'),
              of_clients: above('MqttReasonProtocolErrors', '(%s - %s or %s)' % [all, strangers, all]),
              of_all: above('MqttReasonProtocolErrors', all, times=thresholds.strangersTimes),
            },
            'Clients of broker %s violate the protocol' % name,
            'For fifteen minutes broker %s and its clients received %s protocol errors or malformed packets a minute (limit: %s; %g times that if the sender may not be an MQTT client). Likely causes: a faulty client library, another protocol on this port, or a scan.' % [name, value, limitOf('MqttReasonProtocolErrors'), thresholds.strangersTimes]
          ),
          alert(
            'MqttReasonPacketTooLarge',
            severities.warning,
            '15m',
            above('MqttReasonPacketTooLarge', reasonsAMinute(['packet_too_large'])),
            'Packets are too large for broker %s or its clients' % name,
            'For fifteen minutes broker %s and its clients refused %s packets a minute as too large (limit: %s). The messages are lost, and the sender is usually disconnected.' % [name, value, limitOf('MqttReasonPacketTooLarge')],
            'mqtt-reason-codes'
          ),
          alert(
            'MqttReasonUnsupportedProtocolVersion',
            severities.info,
            '2h',
            above('MqttReasonUnsupportedProtocolVersion', '3600 * sum without (reason, class) (avg_over_time(%s[1h]))' % recorded('codesAndCloses', 'class="error", reason="unsupported_protocol_version"')),
            'Clients of broker %s use an MQTT version that it does not support' % name,
            'In the last hour broker %s refused %s connections because of their MQTT version (limit: %s). Those clients cannot connect.' % [name, whole, limitOf('MqttReasonUnsupportedProtocolVersion')]
          ),
          alert(
            'MqttReasonFirstInAWeek',
            severities.info,
            null,
            |||
              (
                max_over_time(%(seen)s[30m])
                unless
                max_over_time(%(seen)s[7d] offset 30m)
              )
              and ignoring (reason)
              (
                  %(codes)s offset 7d
                or
                  sum without (reason, class) (%(closes)s offset 7d)
                or
                  sum without (reason, class) (%(denials)s offset 7d)
              )
            ||| % { seen: recorded('errorsSeen'), codes: recorded('perPacket'), closes: recorded('closes'), denials: recorded('denials') },
            'Broker %s: %s, for the first time in a week' % [name, what],
            'Broker %s did not have this error for a week (%s). In the last half hour there were %s within ten minutes. Something has changed: a client release, an access rule, a limit.' % [name, what, whole]
          ),
        ],
      },
      {
        name: 'mqtt-reason-exporter',
        rules: [
          alert(
            'MqttReasonExporterDown',
            severities.warning,
            '5m',
            // For as long as it is down: that it is an exporter is recorded.
            |||
              up == 0
              and on (job, instance)
              (
                last_over_time(%s[10m])
                or
                last_over_time(%s[1h])
              )
            ||| % [alerts._target(alerts._records.known), alerts._target('mqtt_reason_exporter_build_info')],
            'The exporter {{ $labels.instance }} does not answer',
            'For five minutes Prometheus could not scrape {{ $labels.instance }} (job {{ $labels.job }}). The alerts about clients of its brokers cannot fire.',
            'mqtt-reason-exporter',
            ['job', 'instance'],
            exporterIsAway=true
          ),
          alert(
            'MqttReasonSourceDown',
            severities.warning,
            '5m',
            '%s == 0' % broker('mqtt_reason_source_up'),
            'The exporter cannot read %s' % source,
            'For five minutes the exporter {{ $labels.instance }} could not read %s: it cannot open the log, the broker refuses it, or there is no such interface. Its log and its page say why.' % source,
            'mqtt-reason-exporter',
            ['job', 'instance']
          ),
          alert(
            'MqttReasonBrokerSilent',
            severities.critical,
            '15s',  // from Prometheus 3 on, the last three minutes of samples may span a scrape interval less
            // Every source of the broker that can be read. A log or a capture that cannot be read says nothing of the broker; an MQTT
            // source that cannot be read is what a broker that hangs does to it.
            |||
              (
                  sum without (source) (%(records)s) == 0
                and
                  sum without (source) (%(stopped)s)
              )
              unless on (job, instance, broker)
              (%(up)s == 0 unless %(connects)s)
            ||| % {
              records: recorded('records'),
              stopped: recorded('stopped'),
              up: broker('mqtt_reason_source_up'),
              connects: broker('mqtt_reason_source_connects_total'),
            },
            'Broker %s is silent' % name,
            'For at least three minutes nothing was read from broker %s: no log line, no event, no packet. In the quarter of an hour before there were more than %g records in each minute. Likely causes: the broker hangs, its host or disk is blocked, or the network in front of it is down.' % [name, thresholds.livelyRecordsAMinute]
          ),
          alert(
            'MqttReasonSourceSilent',
            severities.warning,
            '10m',
            |||
              %(silent)s == 1
              or
              (
                  %(stopped)s
                and
                  %(up)s == 1
              )
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
              stopped: recorded('stopped'),
              up: broker('mqtt_reason_source_up'),
              least: thresholds.silentRecordsAnHour,
            },
            'Nothing is read from %s' % source,
            'The exporter {{ $labels.instance }} has access to %s, but nothing arrives. Either nothing has arrived since it subscribed, or for ten minutes after a quarter of an hour with more than %g records in each minute, or for an hour that had more than %g records yesterday and a week ago. Likely causes: an access rule denies reading, the log level was changed, or the broker writes to another file.' % [source, thresholds.livelyRecordsAMinute, thresholds.silentRecordsAnHour],
            'mqtt-reason-exporter',
            ['job', 'instance']
          ),
          alert(
            'MqttReasonLogDataLost',
            severities.warning,
            null,
            'increase(%s[1h]) > 0' % broker('mqtt_reason_log_lost_bytes_total'),
            'Log data was lost in %s' % source,
            'In the last hour about %s bytes of the log were lost in %s. Reason codes in them are not counted. Likely causes: copytruncate, or a rotation that removes files before they are read.' % [whole, source],
            'mqtt-reason-exporter',
            ['job', 'instance']
          ),
          alert(
            'MqttReasonRecordsDropped',
            severities.warning,
            null,
            'sum without (cause) (increase(%s[1h])) > 0' % broker('mqtt_reason_source_records_dropped_total'),
            'Records were lost in %s' % source,
            'In the last hour about %s records were lost in %s before they were read. Reason codes in them are not counted. mqtt_reason_source_records_dropped_total has the cause.' % [whole, source],
            'mqtt-reason-exporter',
            ['job', 'instance']
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
            'Over fifteen minutes %s of the frames were dropped in %s (threshold: %g %%). Reason codes in them are not counted. A larger buffer_bytes helps against bursts.' % [percent, source, 100 * thresholds.captureDropped],
            'mqtt-reason-exporter',
            ['job', 'instance']
          ),
          alert(
            'MqttReasonRecordsNotRecognised',
            severities.warning,
            '1h',
            '%s > %g + %g * %s' % [
              recorded('unrecognised'),
              thresholds.unrecognisedMore,
              thresholds.unrecognisedTimes,
              recorded('unrecognisedPast'),
            ],
            'The profile no longer fits %s' % source,
            '%s of the records of %s were not recognised, far more than at this time yesterday and a week ago. Reason codes may be missed. The profile may no longer fit after an upgrade of the broker. mqtt_reason_source_record_errors_total has the cause.' % [percent, source],
            'mqtt-reason-exporter',
            ['job', 'instance']
          ),
          alert(
            'MqttReasonSeriesLimitHit',
            severities.info,
            null,
            'increase(%s[1h]) > 0' % broker('mqtt_reason_series_limit_hits_total'),
            'Broker %s has more reason codes than the limit of series' % name,
            'In the last hour about %s codes in %s were counted as code="other", because the limit of series was reached. Likely causes: a faulty broker or client that sends bytes that are not reason codes, or an attack.' % [whole, source],
            'mqtt-reason-exporter',
            ['job', 'instance']
          ),
          alert(
            'MqttReasonCheckpointFailing',
            severities.warning,
            '15m',
            '%s == 0 and %s > 0' % [broker('mqtt_reason_checkpoint_durable'), broker('mqtt_reason_checkpoint_write_failures_total')],
            'The counters of %s are in memory only' % source,
            'For fifteen minutes the exporter {{ $labels.instance }} could not write the checkpoint of %s. It continues to count. But after a restart, what was counted since the last checkpoint is lost or counted again. Check whether the file system of its state directory is full or read-only.' % source,
            'mqtt-reason-exporter',
            ['job', 'instance']
          ),
          alert(
            'MqttReasonConfigReloadFailed',
            severities.warning,
            '5m',
            alerts._target('mqtt_reason_config_last_reload_successful') + ' == 0',
            'The exporter {{ $labels.instance }} rejected its new configuration',
            'The exporter {{ $labels.instance }} rejected the configuration at its last reload and keeps the previous one. The next start may fail. Its log has the error with file, line and column, and so has check config FILE.',
            'mqtt-reason-exporter',
            ['job', 'instance']
          ),
          alert(
            'MqttReasonWebConfigReloadFailed',
            severities.warning,
            '5m',
            alerts._target('mqtt_reason_web_config_last_reload_successful') + ' == 0',
            'The exporter {{ $labels.instance }} could not read its new web configuration',
            'The exporter {{ $labels.instance }} could not read its web configuration, or a certificate or key that it names, and keeps the previous one. A new certificate or password is not in use, and the next start may fail. Its log has the error with the file.',
            'mqtt-reason-exporter',
            ['job', 'instance']
          ),
        ],
      },
      {
        // A day of raw series is read, so it is not read at each evaluation.
        name: 'mqtt-reason-discovery',
        interval: '5m',
        rules: [
          alert(
            'MqttReasonExporterGone',
            severities.warning,
            '10m',
            // A pod that got another name or address is not missing: its broker is seen again.
            |||
              group without (source) (last_over_time(%(up)s[1d]))
              unless on (broker)
              %(up)s
              unless on (job, instance)
              up
            ||| % { up: broker('mqtt_reason_source_up') },
            'No exporter reports on broker %s any more' % name,
            'The exporter {{ $labels.instance }} (job {{ $labels.job }}) reported on broker %s within the last day. It is no longer a target of Prometheus, and no other exporter reports on that broker. Its reason codes are not counted. If the broker was removed on purpose, this alert ends after a day.' % name,
            'mqtt-reason-exporter',
            ['job', 'instance'],
            exporterIsAway=true
          ),
        ],
      },
      {
        // An hour of raw series is read, and the alert waits for an hour.
        name: 'mqtt-reason-sources',
        interval: '1m',
        rules: [
          // Where one source of a broker is the authority, what the others see of the same events is the shadow: the two should
          // rise together. A profile that no longer fits its broker falls silent, or misreads. What a source shows only in part
          // (some brokers' SUBACKs) stays between the two.
          alert(
            'MqttReasonSourcesDisagree',
            severities.warning,
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
            'For an hour two sources of the broker showed different numbers of {{ $labels.packet }} {{ $labels.direction }} {{ $labels.reason }} (%s in the last hour in the source that showed more). Likely causes: the profile no longer fits after an upgrade of the broker, or the capture does not see all clients, because of TLS or other ports. Check mqtt_reason_source_records_total{outcome="unrecognised"}, and run replay --compare LOG FILE.pcap.' % whole
          ),
        ],
      },
    ],
  },
}
