#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""travelled.py SHARD_URL CENTRE_URL DASHBOARDS: waits until every alert about clients fires in a shard and in the centre that it
writes its recorded series to, for the same labels; see travel.sh. Then prints what else the centre can answer."""

import json
import pathlib
import subprocess
import sys
import time

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from prometheus_api import Prometheus  # noqa: E402

SHARD, CENTRE, DASHBOARDS = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
AS_RULES = pathlib.Path(__file__).resolve().parents[1] / "dashboards/as_rules.py"
DEADLINE = time.monotonic() + 480


def asked(url, query):
    return [sample["metric"] for sample in Prometheus(url).instant(query)]


def firing(url, more):
    """{alert: {its labels}} of what a Prometheus fires, as an Alertmanager sees it."""
    found = {}
    for labels in asked(url, 'ALERTS{alertstate="firing"}'):
        found.setdefault(labels["alertname"], set()).add(frozenset((labels | more).items()))
    return found


groups = yaml.safe_load((DASHBOARDS / "alerts.yaml").read_text())["groups"]
clients = [rule["alert"] for group in groups if group["name"] == "mqtt-reason-clients" for rule in group["rules"]]
while True:
    here, there = firing(SHARD, {"cluster": "east"}), firing(CENTRE, {})
    missing = [name for name in clients if not there.get(name) or here.get(name) != there[name]]
    if not missing or time.monotonic() > DEADLINE:
        break
    time.sleep(1)

strangers = {labels["__name__"] for labels in asked(CENTRE, '{__name__=~".+", __name__!~"broker.*:mqtt_reason_.*|ALERTS.*"}')}
assert not strangers, strangers
for name in clients:
    print(f"{name:40} shard {len(here.get(name, ()))}, centre {len(there.get(name, ()))}{'  DIFFERENT' if name in missing else ''}")
print("only in the shard:", ", ".join(sorted(here.keys() - there.keys())) or "none")

for path in sorted(DASHBOARDS.glob("mqtt-reason-*.json")):
    rules = json.loads(subprocess.check_output([AS_RULES, path]))["groups"][0]["rules"]
    rules = [rule for rule in rules if asked(SHARD, rule["expr"])]
    silent = [rule["labels"]["panel"] for rule in rules if not asked(CENTRE, rule["expr"])]
    print(f"{path.name}: of {len(rules)} queries that the shard answers, the centre answers {len(rules) - len(silent)}")
    if 0 < len(silent) < len(rules) / 2:
        print("  not:", ", ".join(sorted(set(silent))))
sys.exit(1 if missing else 0)
