#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""figures.py PROMETHEUS_URL LABEL INTERVAL: observes a Prometheus for two minutes and prints what its fleet costs: one line for the
fleet, and one for each group of rules with the median and the maximum of its duration."""

import pathlib
import re
import statistics
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from prometheus_api import Prometheus  # noqa: E402

URL, LABEL, INTERVAL = sys.argv[1], sys.argv[2], float(sys.argv[3])
WATCHED = 120.0


def asked(query):
    return float(Prometheus(URL).instant(query)[0]["value"][1])


def own_metrics():
    """{name with labels: value} of Prometheus itself."""
    page = urllib.request.urlopen(f"{URL}/metrics").read().decode()
    return {name: float(value) for name, value in re.findall(r"^([^#\s]\S*(?: \S+=\S+)*) (\S+)$", page, re.M)}


def seen(metrics, name):
    return sum(value for key, value in metrics.items() if key.split("{")[0] == name)


began, first = time.monotonic(), own_metrics()
took, memory, last = {}, 0.0, first
while time.monotonic() - began < WATCHED:
    time.sleep(INTERVAL / 3)
    last = own_metrics()
    memory = max(memory, seen(last, "process_resident_memory_bytes"))
    for key, value in last.items():
        if key.startswith("prometheus_rule_group_last_duration_seconds{"):
            group = re.search(r";([\w-]+)\"", key)[1]
            took.setdefault(group, set()).add(value)
passed = time.monotonic() - began
rate, cpu = (
    (seen(last, name) - seen(first, name)) / passed
    for name in ("prometheus_tsdb_head_samples_appended_total", "process_cpu_seconds_total")
)
missed = seen(last, "prometheus_rule_group_iterations_missed_total")
medians = {group: statistics.median(values) for group, values in took.items()}
rules = sum(medians.values())
recorded = asked('count({__name__=~".+:mqtt_reason_.+"})')
print(
    f"{LABEL}: {asked('max(scrape_samples_scraped)'):.0f} series an exporter,"
    f" {seen(last, 'prometheus_tsdb_head_series'):.0f} in all"
    f" ({recorded:.0f} recorded); {rate:.0f} samples/s; memory {memory / 2**20:.0f} MiB; CPU {cpu:.2f};"
    f" scrape {1000 * asked('avg(scrape_duration_seconds)'):.0f} ms, up {asked('sum(up)'):.0f};"
    f" rules {rules:.3f} s of {INTERVAL:.0f} s = {100 * rules / INTERVAL:.1f} %, evaluations missed {missed:.0f}"
)
for group, seconds in medians.items():
    print(f"  {group:24} {seconds:.3f} s  {100 * seconds / INTERVAL:5.2f} %  at most {max(took[group]):.3f} s")
