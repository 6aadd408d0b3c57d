#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the pages in a real Chromium: search, deep links, counts equal to /metrics, filters, sorting, the keyboard, dark mode,
# a phone, no JavaScript, an empty console, hostile client ids. Tests the API against its OpenAPI description.
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
support=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../support")

# The broker "yard" is a log that strangers have written their ids into.
hostile=$work/yard.log
cat >"$work/exporter.yaml" <<YAML
brokers:
  - name: hall
    profile: mosquitto
    sources:
      - {name: log, log: {path: "$broker_log", from: beginning}}
  - name: yard
    profile: mosquitto
    sources:
      - {name: log, log: {path: "$hostile", from: beginning}}
YAML
/usr/bin/python3 - "$hostile" <<'PYTHON'
import sys

ids = ["<script>document.title='owned'</script>", "\x1b" * 65536, "\u202e\u2028evil\x00", "'\"><img src=x onerror=alert(1)>"]
with open(sys.argv[1], "w", encoding="utf-8", newline="") as log:
    for i, name in enumerate(ids):
        log.write(f"1700000000: New client connected from 192.0.2.{i}:4000 as {name} (p5, c1, k60).\n")
        log.write(f"1700000000: Sending PUBACK to {name} (m1, rc135)\n")
PYTHON

start_mosquitto
start_exporter --config.file "$work/exporter.yaml"
publish pump mqttv5 open/a 1
publish_refused thief mqttv5 open/a 1 wrong-password
repeat 3 publish_refused pump mqttv5 closed/a 1
publish_refused old mqttv311 closed/a 1
refused() { codes broker=hall class=error; }
expect 'the refusals are counted' 4 refused
expect 'the hostile lines are read' 3 codes broker=yard class=error

HOME=$work timeout 300 /usr/bin/python3 "$support/browser.py" "$url" "$work"
