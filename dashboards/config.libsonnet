// SPDX-License-Identifier: Apache-2.0
// What an installation may want to change: selectors, limits, severities, the addresses of the runbook and the dashboards.
// Each value is written only here. With jsonnet:
//   (import 'mixin.libsonnet') + { _config+:: { limits+: { MqttReasonPublishDenied+: { floor: 60 } } } }
{
  _config+:: {
    // Matchers for labels of the scrape, put into every selector of the exporter's metrics: 'job="mqtt"', 'cluster="east"'.
    selector: '',
    // The same for metrics that have a broker: rules of one shard of a fleet use 'broker=~"a.*"'.
    brokerSelector: '',

    // Where the runbook is read. By default the exporter that raised the alert serves the runbook of its own version. Set an
    // address of your own, https://…/RUNBOOK.md, if people cannot open the exporter's address.
    runbookURL: 'http://{{ $labels.instance }}/runbook',
    // Grafana's address, 'https://grafana.example.com': dashboard_url then leads to the dashboard, with the variables set. Without
    // it dashboard_url leads to the exporter's own page.
    grafanaURL: '',

    // Severities as kube-prometheus routes and inhibits them. critical: clients cannot do their work now, and somebody can help.
    // The values are the labels: { critical: 'page', warning: 'ticket', info: 'info' } gives others.
    severities: { critical: 'critical', warning: 'warning', info: 'info' },

    // Which reasons mean what. Names are those of `mqtt-reason-exporter list codes`.
    reasons: {
      authentication: ['bad_authentication_method', 'bad_user_name_or_password', 'banned', 'not_authorized'],
      // In a SUBACK of MQTT 3.1.1 there is only 0x80: unspecified_error.
      subscribeDenied: ['not_authorized', 'unspecified_error'],
      // A broker that says that it shuts down is stopped on purpose: a rolling restart does so for as long as it takes.
      unavailable: ['server_busy', 'server_unavailable'],
      // Ends of connections that nobody intended. A planned stop, a move to another server and a take-over are not among them.
      lost: ['implementation_specific_error', 'keep_alive_timeout', 'network_error', 'unspecified_error'],
      quota: ['connection_rate_exceeded', 'message_rate_too_high', 'quota_exceeded', 'receive_maximum_exceeded'],
      protocolErrors: ['malformed_packet', 'protocol_error'],
    },

    // An alert about clients compares a rate of one broker with its limit: the larger of `floor` and `share` of the volume `of`.
    // So 5 clients and 100,000 have the same rules. A minute; `hours: true`: an hour.
    // Volumes: connects (CONNACKs sent), publishes (PUBACKs and PUBRECs sent), subscriptions (SUBACKs and UNSUBACKs sent), answers
    // (all of these), see rules.libsonnet.
    // One broker has other limits with a recording rule of yours: mqtt_reason:limit{broker="…", alert="…"}, see limits.yaml in
    // tests/rules.
    limits: {
      MqttReasonNobodyGetsIn: { floor: 3 },
      MqttReasonMassDisconnect: { floor: 20 },
      MqttReasonTlsErrors: { floor: 6, share: 0.05, of: 'connects' },
      MqttReasonMostRequestsFail: { floor: 3 },
      MqttReasonAuthenticationBurst: { floor: 10, share: 0.05, of: 'connects' },
      MqttReasonAuthenticationSteady: { floor: 10, share: 0.01, of: 'connects', hours: true },
      MqttReasonPublishDenied: { floor: 6, share: 0.005, of: 'publishes' },
      MqttReasonSubscribeDenied: { floor: 6, share: 0.01, of: 'subscriptions' },
      MqttReasonDeniedWithoutCode: { floor: 6, share: 0.01, of: 'answers' },
      MqttReasonServerUnavailable: { floor: 6, share: 0.02, of: 'connects' },
      MqttReasonQuotaExceeded: { floor: 6, share: 0.01, of: 'answers' },
      MqttReasonTakeOverStorm: { floor: 6, share: 0.05, of: 'connects' },
      MqttReasonKeepAliveTimeoutsRising: { floor: 1, share: 0.01, of: 'connects' },
      MqttReasonProtocolErrors: { floor: 6, share: 0.01, of: 'connects' },
      MqttReasonPacketTooLarge: { floor: 1, share: 0.001, of: 'answers' },
      MqttReasonUnsupportedProtocolVersion: { floor: 5, share: 0.01, of: 'connects', hours: true },
    },

    thresholds: {
      failedTimes: 3,  // failed connects, times what is usual while others get in
      fewOfFailed: 0.1,  // hardly anybody gets in: accepted connects, as a share of those that fail,
      fewOfUsual: 0.2,  // and as a share of the accepted ones of the hour before
      lostTimes: 5,  // lost connections, times the mean of the day before
      tlsTimes: 3,  // TLS errors, times the mean of the day before
      takeOverShare: 0.9,  // of connects, where there is no past
      pastTimes: 3,  // take-overs and keep-alive time-outs, times what was usual
      strangersTimes: 10,  // limits for errors of what may never have sent a CONNECT, times those of clients
      mostRequests: 0.5,  // share of errors among the answers, where there is no past
      ratioTimes: 2,  // times what was usual
      ratioMore: 0.1,  // and so much more
      ratioCodes: 60,  // in half an hour; fewer give no ratio
      unrecognisedTimes: 2,
      unrecognisedMore: 0.05,
      unrecognisedRecords: 20,  // in half an hour; fewer give no ratio
      silentRecordsAnHour: 60,  // a source with so many at the same time of other days does not fall silent by chance
      livelyRecordsAMinute: 5,  // and a broker with so many, all the time, neither,
      livelyScrapes: 4,  // if at least so many scrapes saw more of them
      captureDropped: 0.01,  // of all frames
    },

    // Packets by which the broker answers a request. (All its DISCONNECTs are errors.)
    answers: ['AUTH', 'CONNACK', 'PUBACK', 'PUBREC', 'SUBACK', 'UNSUBACK'],
  },
}
