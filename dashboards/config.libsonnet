// What an installation may want otherwise: selectors, thresholds, severities, where the runbook is. Nothing of it is repeated
// elsewhere. With jsonnet: (import 'mixin.libsonnet') + { _config+:: { thresholds+: { publishDenied: 60 } } }
{
  _config+:: {
    // Matchers for labels of the scrape, put into every selector of the exporter's metrics: 'job="mqtt"', 'cluster="east"'.
    selector: '',
    // The same for those that have a broker: rules of one shard of a fleet take 'broker=~"a.*"'.
    brokerSelector: '',

    // Where RUNBOOK.md is read. As it stands: the file in this repository, for whoever has nothing else. An address of yours,
    // https://…/RUNBOOK.md, makes links of it, in the tables of the dashboards too.
    runbookURL: 'dashboards/RUNBOOK.md',

    // Two alerts page: clients cannot do their work, now, and somebody can help. The rest can wait for the morning.
    severities: { page: 'page', ticket: 'ticket', info: 'info' },

    // Which reasons mean what. Names are those of `mqtt-reason-exporter list codes`.
    reasons: {
      authentication: ['bad_authentication_method', 'bad_user_name_or_password', 'banned', 'not_authorized'],
      // In a SUBACK of MQTT 3.1.1 there is only 0x80: unspecified_error.
      subscribeDenied: ['not_authorized', 'unspecified_error'],
      unavailable: ['server_busy', 'server_shutting_down', 'server_unavailable'],
      quota: ['connection_rate_exceeded', 'message_rate_too_high', 'quota_exceeded', 'receive_maximum_exceeded'],
      protocolErrors: ['malformed_packet', 'protocol_error'],
    },

    // Of one broker; a minute, unless the name says otherwise.
    thresholds: {
      authenticationBurst: 10,
      authenticationSteadyAnHour: 10,
      publishDenied: 6,
      subscribeDenied: 6,
      deniedWithoutCode: 6,
      unavailable: 6,
      quota: 6,
      takeOver: 6,
      keepAliveTimeouts: 1,
      keepAliveTimes: 3,  // times what was usual
      protocolErrors: 6,
      packetTooLarge: 1,
      unsupportedVersionAnHour: 5,
      ratioTimes: 2,  // times what was usual
      ratioMore: 0.1,  // and so much more
      ratioCodes: 60,  // in half an hour; fewer give no ratio
      unrecognisedTimes: 2,
      unrecognisedMore: 0.05,
      unrecognisedRecords: 20,  // in half an hour; fewer give no ratio
      silentRecordsAnHour: 60,  // a source that told so many at the same time of other days does not fall silent by chance
      captureDropped: 0.01,  // of all frames
    },

    // Packets by which the broker answers a request. (All its DISCONNECTs are errors.)
    answers: ['AUTH', 'CONNACK', 'PUBACK', 'PUBREC', 'SUBACK', 'UNSUBACK'],
  },
}
