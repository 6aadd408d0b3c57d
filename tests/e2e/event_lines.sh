#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Event lines are valid JSON with the client, are reopened by SIGHUP and limited by their rate. Prometheus stores the
# exemplars. A hostile client id breaks nothing, and no client id is in the metrics, in the exporter's log or in its state.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

start_mosquitto
# Started by root, the exporter becomes a user that cannot write beside the other files.
mkdir -m 777 "$work/lines"
lines=$work/lines/events.jsonl
config=$(hall_config)
printf 'clients: {exemplars: true}\nevents: {file: lines/events.jsonl}\n' >>"$config"
start_exporter --config.file="$config"
expect 'both sources are up' 2 source_up

# errors_in FILE: how many lines are errors 0x87 of the broker with a client. Fails if a line is not valid JSON.
errors_in() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
print(sum(e["class"] == "error" and e.get("code") == "0x87" and e["broker"] == "hall" and "client" in e for e in events))
PYTHON
}

repeat 2 publish_refused zebra-7 mqttv5 closed/x 1
expect 'lines of errors with their client' 2 errors_in "$lines"
check_text 'a line names packet, reason and client' \
  '"packet":"PUBACK","direction":"sent","protocol":"5.0","code":"0x87","reason":"not_authorized","class":"error",.*"client":"zebra-7"' \
  "$(cat "$lines")"

mv "$lines" "$lines.1"
kill -HUP "$(exporter_process)"
expect_success 'SIGHUP opens the file again' test -e "$lines"
hostile='<script>alert(1)</script>","peer":"203.0.113.9:1","x":"'
publish_refused "$hostile" mqttv5 closed/x 1
expect 'lines in the new file' 1 errors_in "$lines"
check 'lines in the renamed file' 2 "$(errors_in "$lines.1")"
check_text 'quotes of a client are escaped' 'script>\\",\\"peer\\":\\"203' "$(cat "$lines")"
check 'an address that a client wrote' '' "$(grep -F '"peer":"203.0.113.9' "$lines" || true)"
check 'lines that were dropped' 0 "$(counter mqtt_reason_event_lines_dropped_total)"

check 'client ids in the text format' '' "$(fetch /metrics | grep -E 'zebra-7|<script' || true)"
check 'client ids in the log of the exporter' '' "$(grep -E 'zebra-7|<script' "$work/exporter.out" || true)"
check 'client ids in the state' '' "$(grep -lr zebra-7 "$STATE_DIRECTORY" || true)"
for page in / /events /clients; do
  check "unescaped script in $page" '' "$(fetch "$page" | grep -F '<script>alert' || true)"
done
for path in /api/v1/events /api/v1/clients; do
  fetch "$path" | /usr/bin/python3 -m json.tool >/dev/null || failed "$path" 'valid JSON' "$(fetch "$path")"
done
check_text 'the events page names the client' 'zebra-7' "$(fetch /events)"

check_text 'the command events prints them' 'PUBACK 0x87 not_authorized  client=zebra-7' \
  "$("$MRE_BINARY" events --url "$url" --reason not_authorized --client zebra)"

start_scraper --enable-feature=exemplar-storage
# Of how many queries whose panels show exemplars Prometheus has one that names the client, and of how many not.
panels_with_exemplars() {
  PYTHONPATH=$(dirname "${BASH_SOURCE[0]}")/../dashboards PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - "$prometheus" "$@" <<'PYTHON'
import json, sys, time, urllib.parse, urllib.request
from queries import queries_of
exemplars = [query.expr for path in sys.argv[2:] for query in queries_of(path, rate_interval="4s", range="20s") if query.exemplar]
def named(expr):
    asked = urllib.parse.urlencode({"query": expr, "start": time.time() - 600, "end": time.time() + 600})
    return '"client_id"' in json.dumps(json.load(urllib.request.urlopen(f"{sys.argv[1]}/api/v1/query_exemplars?{asked}", timeout=10)))
found = [named(expr) for expr in exemplars]
print(sum(found), "with,", len(found) - sum(found), "without")
PYTHON
}
publish_refused zebra-7 mqttv5 open/x 1 wrong
expect 'the queries of panels with exemplars name a client' '2 with, 0 without' panels_with_exemplars \
  "$(dirname "${BASH_SOURCE[0]}")"/../../dashboards/mqtt-reason-*.json

sed -i 's/^clients: {/&remember: off, /' "$config"
kill -HUP "$(exporter_process)"
remembered() { fetch /api/v1/events | grep -o '"remembered":[a-z]*'; }
expect 'SIGHUP turns off what is remembered' '"remembered":false' remembered
check 'and it is forgotten' '' "$(fetch /api/v1/events | grep zebra-7 || true)"
