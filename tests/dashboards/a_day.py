#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The data that query_cost.sh fills a Prometheus with.

    a_day.py samples EXPOSITION BROKERS FROM TO NOW   prints, in OpenMetrics, what BROKERS exporters served from FROM to TO
                                                      (seconds), scraped every 15 s; NOW is the end of the last window
    a_day.py rules RULES DIRECTORY DASHBOARD...       writes the recording rules of RULES that the dashboards need to
                                                      DIRECTORY/0-1.yaml, 1-1.yaml, …: each file reads only scraped series and
                                                      what the files before it record. The second number is 2 where a panel
                                                      compares with the preceding time range

Series and rates are those of tests/fleet/exporters.py, with two outages: three hours ago every fifth broker lost its clients for
ten minutes, and forty minutes ago the passwords of broker-2 stopped working."""

import json
import pathlib
import re
import sys

import yaml

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "fleet"), str(TESTS / "support")]
from exporters import per_second, rows  # noqa: E402
from promql import asked  # noqa: E402

STEP = 15
MINUTE, HOUR = 60, 3600
BEGIN = 13 * HOUR  # before NOW, when the counters are 0


def outages(n, name, labels):
    """[(begins, ends, events a second)], in seconds before NOW."""
    if n % 5 == 0 and name == "mqtt_reason_closes_without_code_total" and 'protocol="3.1.1",reason="network_error"' in labels:
        return [(3 * HOUR, 3 * HOUR - 10 * MINUTE, 5.0)]
    if n == 2 and 'packet="CONNACK",direction="sent",protocol="5.0",code="0x86"' in labels:
        return [(40 * MINUTE, 0, 4.0)]
    return []


def gauge(n, name, labels, value, now):
    if name == "mqtt_reason_source_up":
        return 0 if n % 50 == 7 else 1
    if name == "mqtt_reason_observable":
        return 0 if n % 10 == 9 and "PUB" in labels else 1
    if name == "process_start_time_seconds":
        return now - BEGIN
    return value


def print_samples(exposition, brokers, begin, end, now):
    times = range(begin - begin % STEP, end, STEP)
    for _, sample in rows(pathlib.Path(exposition).read_text()):
        if not sample:
            continue
        name, labels, value = sample
        for n in range(brokers):
            own = labels.replace('broker="BROKER"', f'broker="broker-{n}"')
            series = f'{name}{{job="mqtt-reason",instance="exporter-{n}"{"," if own else ""}{own}}} '
            rate, more = (per_second(n, name, labels), outages(n, name, labels)) if name.endswith("_total") else (0, [])
            if rate == 0 and not more:
                shown = f"{gauge(n, name, labels, value, now):.17g}"
                print("\n".join([f"{series}{shown} {at}" for at in times]))
                continue
            for at in times:
                count = int(rate * (at - now + BEGIN))
                count += sum(int(fast * max(0, min(at - now + first, first - last))) for first, last, fast in more)
                print(f"{series}{count} {at}")
    print("# EOF")


def write_rules(path, directory, dashboards):
    """Groups keep their intervals; a rule that reads itself is as deep as the others that it reads."""
    groups = yaml.safe_load(pathlib.Path(path).read_text())["groups"]
    expressions = {}
    for group in groups:
        for rule in group["rules"]:
            expressions.setdefault(rule["record"], []).append(rule["expr"])
    reads = {name: {m for text in texts for m in asked(text)[0]} & expressions.keys() - {name} for name, texts in expressions.items()}
    depth = {}
    while len(depth) < len(reads):
        depth |= {name: 1 + max((depth[r] for r in reads[name]), default=-1) for name in reads if reads[name] <= depth.keys()}
    text = "".join(pathlib.Path(dashboard).read_text() for dashboard in dashboards)
    needed, found = set(), {name for name in reads if name in text}
    while found:
        needed |= found
        found = {r for name in found for r in reads[name]} - needed
    compared = set(re.findall(r"([\w:]+)\{[^}]*\}\[\$__range\] offset \$__range", text))
    for stage, ranges in sorted({(depth[name], 1 + (name in compared)) for name in needed}):
        of_this = {name for name in needed if (depth[name], 1 + (name in compared)) == (stage, ranges)}
        kept = [group | {"rules": [r for r in group["rules"] if r["record"] in of_this]} for group in groups]
        made = json.dumps({"groups": [group for group in kept if group["rules"]]})  # JSON is YAML
        (pathlib.Path(directory) / f"{stage}-{ranges}.yaml").write_text(made)


if __name__ == "__main__":
    if sys.argv[1] == "samples":
        print_samples(sys.argv[2], *map(int, sys.argv[3:7]))
    else:
        write_rules(sys.argv[2], sys.argv[3], sys.argv[4:])
