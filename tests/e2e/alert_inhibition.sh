#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests dashboards/inhibit.yaml with a real Alertmanager: one cause raises one page. An alert hides only the alerts that it
# explains.
set -euo pipefail
# shellcheck source=tests/e2e/alerts_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/alerts_lib.sh"

start_alertmanager

# Of each row both alerts fire; the broker is the row's number. The columns: why, the cause, the other, whether it is hidden.
cases=(
  'a burst hides the steady alert|MqttReasonAuthenticationBurst|MqttReasonAuthenticationSteady|hidden'
  'the steady alert hides no burst|MqttReasonAuthenticationSteady|MqttReasonAuthenticationBurst|shown'
  'nobody gets in: by refused logins|MqttReasonNobodyGetsIn|MqttReasonAuthenticationBurst|hidden'
  'nobody gets in: by TLS|MqttReasonNobodyGetsIn|MqttReasonTlsErrors|hidden'
  'nobody gets in: the broker says so|MqttReasonNobodyGetsIn|MqttReasonServerUnavailable|hidden'
  'nobody gets in: most connects fail|MqttReasonNobodyGetsIn|MqttReasonMostRequestsFail packet=CONNACK direction=sent|hidden'
  'nobody gets in: an end without a code is new|MqttReasonNobodyGetsIn|MqttReasonFirstInAWeek initiator=network|hidden'
  'clients are lost, and a code is new|MqttReasonMassDisconnect|MqttReasonFirstInAWeek packet=CONNACK direction=sent|shown'
  'nobody gets in, and publishes are denied for another cause|MqttReasonNobodyGetsIn|MqttReasonMostRequestsFail packet=PUBACK direction=sent|shown'
  'nobody gets in, and messages are too large|MqttReasonNobodyGetsIn|MqttReasonPacketTooLarge|shown'
  'a source that is down is silent|MqttReasonSourceDown source=log|MqttReasonSourceSilent source=log|hidden'
  'another source is silent|MqttReasonSourceDown source=log|MqttReasonSourceSilent source=mqtt|shown'
  'a broker that is silent has silent sources|MqttReasonBrokerSilent|MqttReasonSourceSilent source=log|hidden'
  'clients that are lost come back|MqttReasonMassDisconnect|MqttReasonTakeOverStorm|hidden'
  'a warning hides nothing critical|MqttReasonAuthenticationBurst|MqttReasonErrorRatioAboveItsPast packet=CONNACK direction=sent|shown'
  'another broker has its own alert|MqttReasonNobodyGetsIn|MqttReasonAuthenticationBurst broker=other|shown'
)
for n in "${!cases[@]}"; do
  IFS='|' read -r _ cause other _ <<<"${cases[n]}"
  for alert in "$cause" "$other"; do
    read -ra labels <<<"$alert"
    [[ $alert == *broker=* ]] || labels+=("broker=$n")
    amtool --alertmanager.url="$alertmanager" alert add "${labels[@]}" "case=$n" job=j instance=i
  done
done
for n in "${!cases[@]}"; do
  IFS='|' read -r why _ other want <<<"${cases[n]}"
  is_shown=$(amtool --alertmanager.url="$alertmanager" alert query "alertname=${other%% *}" "case=$n" -o simple |
    grep -c "${other%% *}" || true)
  check "$why" "$want" "$([[ $is_shown -gt 0 ]] && echo shown || echo hidden)"
done
