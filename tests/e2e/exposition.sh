#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# /metrics passes promtool's linter, OpenMetrics is valid and has the same series, a real Prometheus scrapes it, and a query
# has the right result.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

start_mosquitto
start_exporter --config.file="$(hall_config)"
expect 'both sources are up' 2 source_up
repeat 3 publish_refused gate mqttv5 open/x 1 wrong
repeat 2 publish_refused shed mqttv5 closed/x 1
expect 'errors' 5 codes class=error
expect 'the events have come' 3 shadow_codes class=error

fetch /metrics | promtool check metrics >"$work/promtool.out" 2>&1 || failed 'promtool check metrics' 'no findings' "$(cat "$work/promtool.out")"
check 'findings of promtool check metrics' '' "$(cat "$work/promtool.out")"
# content_type CURL-OPTION...
content_type() { curl -fsS --max-time 10 "$@" "$url/metrics" | tr -d '\r' | sed -n 's/^[Cc]ontent-[Tt]ype: //p'; }
check 'content type' 'text/plain; version=0.0.4; charset=utf-8' "$(content_type -o /dev/null -D -)"
check 'content type of HEAD' 'text/plain; version=0.0.4; charset=utf-8' "$(content_type -I)"
check 'content type for a browser' 'text/plain; version=0.0.4; charset=utf-8' \
  "$(content_type -o /dev/null -D - -H 'Accept: text/html,*/*;q=0.8')"
openmetrics=(-H 'Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5')
check 'content type of OpenMetrics' 'application/openmetrics-text; version=1.0.0; charset=utf-8' \
  "$(content_type -o /dev/null -D - "${openmetrics[@]}")"
curl -fsS --max-time 10 --compressed "${openmetrics[@]}" -o "$work/openmetrics" "$url/metrics"
# Debian's interpreter, for which Debian packages the parser of the Python client. It refuses what is not valid.
/usr/bin/python3 - "$work/openmetrics" >"$work/openmetrics.series" <<'PYTHON'
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(open(sys.argv[1]).read()):
    for sample in family.samples:
        print(sample.name, *sample.labels.values())
PYTHON
series_count() { grep -c '^[^#]' "$1"; }
fetch /metrics >"$work/text"
check 'series of OpenMetrics' "$(series_count "$work/text")" "$(series_count "$work/openmetrics.series")"

# Until nothing comes any more, two scrapes differ only in what measures the exporter itself.
quiet_scrape() { fetch /metrics | grep -v '^process_'; }
two_scrapes_agree() { cmp -s <(quiet_scrape) <(quiet_scrape); }
expect_success 'two scrapes without traffic are the same, line by line' two_scrapes_agree
check 'series that are there twice' '' "$(fetch /metrics | sed -n '/^[^#]/s/ [^ ]*$//p' | sort | uniq -d)"

# shellcheck disable=SC2119
start_scraper
# ask QUERY: the value of the one series in the answer
ask() { promtool query instant "$prometheus" "$1" | sed -n 's/.* => \([^ ]*\) .*/\1/p'; }
expect 'Prometheus reaches the exporter' 1 ask 'up{job="mqtt"}'
family_type() {
  curl -fsS --max-time 10 "$prometheus/api/v1/metadata?metric=$1" | sed -n 's/.*"type":"\([a-z]*\)".*/\1/p'
}
expect 'Prometheus scrapes OpenMetrics, whose families have no _total' counter family_type mqtt_reason_codes
expect 'Prometheus: 0x87' 5 ask 'sum(mqtt_reason_codes_total{code="0x87"})'
publish_refused gate mqttv5 open/x 1 wrong
expect 'Prometheus: 0x87, one later' 6 ask 'sum(mqtt_reason_codes_total{code="0x87"})'
expect 'Prometheus: errors' 6 ask 'sum(mqtt_reason_codes_total{class="error"})'
expect 'Prometheus: CONNACK errors' 4 ask 'sum(mqtt_reason_codes_total{packet="CONNACK",class="error",broker="hall"})'
