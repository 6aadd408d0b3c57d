// SPDX-License-Identifier: Apache-2.0
// One cause raises one page: while the alert that names the cause fires, Alertmanager does not notify of those that it explains.
// An alert is never inhibited by one that is less severe.
{
  local broker = ['job', 'instance', 'broker'],
  local isOneOf(names) = 'alertname=~"%s"' % std.join('|', names),

  alertmanagerInhibitions+:: {
    inhibit_rules: [
      { source_matchers: ['alertname="%s"' % row[0]], target_matchers: row[1], equal: row[2] }
      for row in [
        // Who does not get in is refused by some reason.
        ['MqttReasonNobodyGetsIn', [isOneOf(['MqttReasonAuthenticationBurst', 'MqttReasonAuthenticationSteady', 'MqttReasonTlsErrors', 'MqttReasonServerUnavailable', 'MqttReasonMassDisconnect', 'MqttReasonQuotaExceeded', 'MqttReasonUnsupportedProtocolVersion'])], broker],
        ['MqttReasonNobodyGetsIn', [isOneOf(['MqttReasonMostRequestsFail', 'MqttReasonErrorRatioAboveItsPast', 'MqttReasonFirstInAWeek']), 'packet="CONNACK"'], broker],
        // What ends without a code has no packet.
        ['MqttReasonNobodyGetsIn', ['alertname="MqttReasonFirstInAWeek"', 'packet=""'], broker],
        ['MqttReasonMassDisconnect', ['alertname="MqttReasonFirstInAWeek"', 'packet=""'], broker],
        ['MqttReasonDeniedWithoutCode', ['alertname="MqttReasonFirstInAWeek"'], broker + ['action']],
        ['MqttReasonServerUnavailable', [isOneOf(['MqttReasonMostRequestsFail', 'MqttReasonErrorRatioAboveItsPast', 'MqttReasonFirstInAWeek']), 'packet="CONNACK"'], broker],
        // Most is far more than usual, too.
        ['MqttReasonMostRequestsFail', [isOneOf(['MqttReasonErrorRatioAboveItsPast', 'MqttReasonFirstInAWeek'])], broker + ['packet', 'direction']],
        ['MqttReasonErrorRatioAboveItsPast', ['alertname="MqttReasonFirstInAWeek"'], broker + ['packet', 'direction']],
        ['MqttReasonAuthenticationBurst', ['alertname="MqttReasonAuthenticationSteady"'], broker],
        // Clients that lost their connections fell silent, and come back while the broker still has the old connection.
        ['MqttReasonMassDisconnect', [isOneOf(['MqttReasonKeepAliveTimeoutsRising', 'MqttReasonTakeOverStorm'])], broker],
        ['MqttReasonKeepAliveTimeoutsRising', ['alertname="MqttReasonTakeOverStorm"'], broker],
        // A source that cannot be read is silent; so is each source of a broker that is silent.
        ['MqttReasonSourceDown', [isOneOf(['MqttReasonSourceSilent', 'MqttReasonRecordsNotRecognised'])], broker + ['source']],
        ['MqttReasonBrokerSilent', [isOneOf(['MqttReasonSourceSilent', 'MqttReasonSourceDown'])], broker],
        ['MqttReasonExporterDown', ['alertname="MqttReasonExporterGone"'], ['job', 'instance']],
      ]
    ] + [
      // Denials by one packet are most of what that packet says.
      {
        source_matchers: [isOneOf(['MqttReasonMostRequestsFail', 'MqttReasonErrorRatioAboveItsPast']), 'packet=~"%s"' % row[0]],
        target_matchers: ['alertname="%s"' % row[1]],
        equal: broker,
      }
      for row in [['PUBACK|PUBREC', 'MqttReasonPublishDenied'], ['SUBACK|UNSUBACK', 'MqttReasonSubscribeDenied']]
    ],
  },
}
