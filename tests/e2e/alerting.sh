#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the whole chain with real parts: mosquitto, the exporter, Prometheus with the rules and alerts of dashboards/,
# Alertmanager, and a receiver of its webhook.
#
# - A flood of 0x10, 0x11 and successes raises no alert.
# - Wrong passwords raise one alert within two minutes. Its links lead to its chapter of the runbook, and a second click in a
#   browser leads to the client.
# - Prometheus answers every query of every dashboard. A query without an answer is about events that did not happen.
#
# MRE_FLOOD_SECONDS (40) is how long there is nothing but the flood. With 600 or more the script also waits until the alert is
# resolved, five minutes after the last wrong password: the alert looks back on five minutes.
set -euo pipefail
# shellcheck source=tests/e2e/alerts_lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/alerts_lib.sh"

flood_seconds=${MRE_FLOOD_SECONDS:-40}
ALERT=MqttReasonAuthenticationBurst

# Packets may be captured by root; only they show 0x11.
captures() { [[ $(id -u) -eq 0 ]]; }

# with_capture FILE: adds a source to the configuration's broker, if it may; prints the file's name.
with_capture() {
  if captures; then printf '      - {name: wire, capture: {interface: lo, ports: [%s]}}\n' "$mqtt_port" >>"$1"; fi
  printf '%s\n' "$1"
}

# ask QUERY: "{labels} => value" for each series in the answer
ask() { promtool query instant "$prometheus" "$1" | sed 's/ @\[[^]]*\]$//'; }

# How many rules were evaluated with this outcome: ok or err.
rules() { curl -fsS --max-time 10 "$prometheus/api/v1/rules" | grep -o "\"health\":\"$1\"" | wc -l; }

# steady KIND [ARGUMENT...]: clients that continue until they are stopped; then KIND.rows has what the broker answered.
steady() {
  python3 "$tests/support/steady_clients.py" "$1" --broker "127.0.0.1:$mqtt_port" --user client --password "$PASSWORD" \
    --rows "$work/$1.rows" "${@:2}"
}

# steady_on KIND: the same, until stopped. Sets $started.
steady_on() { start "$1" bash -c "$(declare -f steady); steady $1"; }

# harmless PACKET CODE: how many of them the broker gave to the harmless clients of MQTT 5
harmless() { awk -v row="$1 5.0 $2" '$1 " " $2 " " $3 == row { print $4 }' "$work/harmless.rows"; }

# Clients that meet most codes.
meet_many_codes() {
  timeout 100 python3 "$tests/support/mqtt_clients.py" --broker "127.0.0.1:$mqtt_port" --user client --password "$PASSWORD" \
    >>"$work/clients.out" || die 'The clients failed.'
}

export tests work mqtt_port PASSWORD
began=$SECONDS
prepare_mosquitto
printf 'log_type subscribe\n' >>"$work/mosquitto.conf" # up to 2.0 its log shows SUBACKs only with it
start_mosquitto
start_exporter --config.file="$(with_capture "$(hall_config)")"
start_webhook
start_alertmanager
start_prometheus 5s
expect 'all sources are up' "$(captures && echo 3 || echo 2)" source_up broker=hall
expect 'Prometheus scrapes the exporter' '{} => 1' ask 'sum(up)'

printf -- '---- %d seconds of 0x10, 0x11 and success\n' "$flood_seconds"
steady harmless --seconds "$flood_seconds"
expect 'PUBACK 0x10 sent' "$(harmless PUBACK 0x10)" codes packet=PUBACK direction=sent code=0x10 class=informational
if captures; then expect 'UNSUBACK 0x11 sent' "$(harmless UNSUBACK 0x11)" codes packet=UNSUBACK code=0x11 class=informational; fi
check 'errors' 0 "$(codes class=error)"
check 'rules that could not be evaluated' 0 "$(rules err)"
[[ $(rules ok) -gt 0 ]] || failed 'rules that were evaluated' some none
check 'Prometheus records the rate of 0x10, and nothing else that is not a success' '{reason="no_matching_subscribers"} => 1' \
  "$(ask 'count by (reason) (broker_packet_direction_reason_class:mqtt_reason_codes:rate5m{packet="PUBACK", class!="success"} > 1)')"
check 'alerts, pending ones too' '' "$(ask 'count by (alertname, alertstate) (count_over_time(ALERTS[1h]))')"
check 'what the webhook received' '' "$(sent firing)"

printf -- '---- wrong passwords in the midst of it\n'
steady_on harmless
steady_on guessing
guessing=$started
since=$SECONDS
meet_many_codes
is_firing() { [[ -n $(sent firing) ]]; }
wait_for 120 is_firing || failed 'the webhook receives the alert' "$ALERT within two minutes" nothing
printf 'ok     the webhook receives the alert: after %d s\n' "$((SECONDS - since))"
check 'of this alert and no other' "hall $ALERT" "$(sent firing)"
IFS=$'\t' read -r _ _ severity broker runbook_url summary dashboard_url <"$notified"
check 'its severity' warning "$severity"
check 'its broker' hall "$broker"
check 'its summary' 'Broker hall refuses many logins' "$summary"
check 'its link: the page' "http://127.0.0.1:$http_port/runbook" "${runbook_url%%#*}"
links_open "$runbook_url" "$ALERT" "$dashboard_url"

printf -- '---- two clicks to the client\n'
# Only a capture names a client that Mosquitto 2.0 refuses.
guesser=127\\.0\\.0\\.1
if captures; then guesser=guessing; fi
HOME=$work timeout 120 /usr/bin/python3 "$tests/support/alert_walk.py" "$alertmanager" "$ALERT" "$guesser" "$work" ||
  die 'The way from the alert to the client does not lead there.'

printf -- '---- the dashboards\n'
errors=$(codes packet=DISCONNECT class=error)
meet_many_codes
expect 'the exporter has counted what they met, for the second time' $((2 * errors)) codes packet=DISCONNECT class=error
expect 'Prometheus has scraped it' "{} => $((2 * errors))" ask 'sum(mqtt_reason_codes_total{packet="DISCONNECT", class="error"})'
# Only a log that a profile nearly fits has the first, only an exporter with a web configuration or event lines the next, and of one
# broker nothing is above the median.
not_asked="mqtt_reason_profile_near_miss|mqtt_reason_web_config_|mqtt_reason_event_lines_|quantile"
captures || not_asked+='|mqtt_reason_capture_'
python3 "$tests/dashboards/answers.py" --prometheus "$prometheus" --seconds "$((SECONDS - began))" \
  --not-asked "$not_asked" "$dashboards"/mqtt-reason-*.json || die 'Not all queries have the answer that was expected.'

[[ $flood_seconds -ge 600 ]] || exit 0
printf -- '---- the wrong passwords end\n'
stop "$guessing"
since=$SECONDS
wait_for 420 was_sent resolved "hall $ALERT" || failed 'the webhook receives the resolution' "$ALERT within seven minutes" "$(sent resolved)"
printf 'ok     the webhook receives the resolution: after %d s\n' "$((SECONDS - since))"
check 'no other alert came' "hall $ALERT" "$(sent firing)"
