#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows that lint.py finds each kind of mistake, and nothing in a good dashboard.

    lint_test.py DASHBOARD RULES

DASHBOARD is a good one, on the series that RULES records, with a panel over time, a table and a stat; each row spoils one thing in a copy of it.
"""

import copy
import json
import pathlib
import sys

import lint

KNOWN = {
    "mqtt_reason_codes_total": {"broker", "source", "packet", "direction", "protocol", "code", "reason", "class", "evidence"},
    "mqtt_reason_closes_without_code_total": {"broker", "source", "protocol", "reason", "initiator", "class"},
    "mqtt_reason_denials_without_code_total": {"broker", "source", "protocol", "action", "reason", "class"},
    "mqtt_reason_observable": {"broker", "source", "packet", "direction"},
    "mqtt_reason_shadow_codes_total": {"broker", "reason"},
    "mqtt_reason_source_up": {"broker", "source"},
    "mqtt_reason_exporter_build_info": {"version"},
} | lint.OF_PROMETHEUS


def first(dashboard, kind):
    return next(panel for panel in dashboard["panels"] if panel["type"] == kind)


def expr(text):
    def spoil(dashboard):
        panel = first(dashboard, "timeseries")
        panel["title"] = "Neutral"
        panel["targets"][0]["expr"] = text
        panel["targets"][0]["legendFormat"] = ""

    return spoil


def put(kind, *path):
    """The last of `path` at the place that the others name."""

    def spoil(dashboard):
        at = first(dashboard, kind) if kind else dashboard
        for key in path[:-2]:
            at = at[key]
        at[path[-2]] = path[-1]

    return spoil


def exemplars_of_recorded(dashboard):
    first(dashboard, "timeseries")["targets"][0]["exemplar"] = True


def exemplars_of_one_moment(dashboard):
    expr(f"sum(rate({CODES}[$__rate_interval]))")(dashboard)
    first(dashboard, "timeseries")["targets"][0] |= {"exemplar": True, "instant": True}


def without_class(dashboard):
    expr(f"sum(rate({CODES}[$__rate_interval]))")(dashboard)
    first(dashboard, "timeseries")["title"] = "Errors"


CODES = 'mqtt_reason_codes_total{job=~"$job", instance=~"$instance", broker=~"$broker"}'
ROWS = [
    ("nothing is wrong", lambda dashboard: None, ""),
    ("a metric", expr("sum(rate(mqtt_reason_cods_total[$__rate_interval]))"), "no such metric: mqtt_reason_cods_total"),
    ("a metric without braces", expr("mqtt_reason_sources_up + 1"), "no such metric: mqtt_reason_sources_up"),
    ("a matcher", expr('mqtt_reason_source_up{packet="CONNACK"}'), "has the label packet"),
    ("a grouping", expr("sum by (initiator) (mqtt_reason_source_up)"), "has the label initiator"),
    ("a grouping after", expr("sum(mqtt_reason_source_up) by (topic)"), "has the label topic"),
    ("a label to copy", expr('label_replace(mqtt_reason_source_up, "x", "$1", "reason", "(.+)")'), "has the label reason"),
    ("no metric", expr("vector(1)"), "asks for no metric"),
    ("a fixed window", expr(f"sum(rate({CODES}[5m]))"), "rate is over [5m]"),
    ("the wrong variable window", expr(f"sum(increase({CODES}[$__rate_interval]))"), "increase is over [$__rate_interval]"),
    ("a counter without rate", expr(f"sum({CODES})"), "not under rate or increase"),
    (
        "the shadow added",
        expr(f"sum(rate({CODES}[$__rate_interval])) + sum(rate(mqtt_reason_shadow_codes_total[$__rate_interval]))"),
        "joins mqtt_reason_shadow_codes_total",
    ),
    ("errors without class", without_class, 'does not ask for class="error"'),
    ("exemplars of a recorded series", exemplars_of_recorded, "there are no exemplars in"),
    ("exemplars without a time range", exemplars_of_one_moment, "there are no exemplars in"),
    ("an undefined variable", expr('mqtt_reason_source_up{broker=~"$brooker"}'), "uses $brooker"),
    ("a legend of a lost label", put("timeseries", "targets", 0, "legendFormat", "{{topic}}"), "legend shows topic"),
    ("no description", put("stat", "description", ""), "has no description"),
    ("no unit", put("stat", "fieldConfig", "defaults", "unit", None), "unit None"),
    ("a unit that Grafana does not know", put("stat", "fieldConfig", "defaults", "unit", "events"), "unit 'events'"),
    ("a data source by name", put("stat", "datasource", "Prometheus"), "not that of the dashboard"),
    ("a data source of a query", put("table", "targets", 0, "datasource", {"type": "prometheus", "uid": "P1"}), "not that of the dashboard"),
    ("an unknown option", put("stat", "options", "colourMode", "value"), "does not know colourMode"),
    ("an unknown panel type", put("stat", "type", "graph"), "type graph is not in SHAPES"),
    ("an id twice", put("stat", "id", 1), "two panels have the same id"),
    ("panels on each other", put("table", "gridPos", {"x": 0, "y": 2, "w": 12, "h": 4}), "overlaps"),
    ("a panel beyond the edge", put("stat", "gridPos", {"x": 20, "y": 900, "w": 6, "h": 4}), "does not fit"),
    ("no uid", put(None, "uid", None), "uid None"),
    ("inputs of an export", put(None, "__inputs", []), "__inputs"),
    ("a variable is missing", lambda dashboard: dashboard["templating"]["list"].pop(0), "has no variable datasource"),
    ("a variable of no label", put(None, "templating", "list", 3, "query", {"query": "label_values(mqtt_reason_source_up, topic)"}), "has no label topic"),
    ("a column of no label", put("table", "transformations", 2, "options", "renameByName", "topic", "Topic"), "column topic is in no query"),
    ("a label as a number", put("table", "fieldConfig", "overrides", 0, "properties", []), "needs the unit string"),
    ("green for nothing", put("stat", "fieldConfig", "defaults", "thresholds", "steps", 0, "color", "green"), "green where there is no"),
    ("yellow numbers", lambda dashboard: first(dashboard, "stat").update(type="bargauge", options={"valueMode": "color"}), "hard to read on white"),
    ("sorted by nothing", put("table", "options", "sortBy", [{"displayName": "Topic", "desc": True}]), "sorted by a column"),
]


def main():
    good = json.loads(pathlib.Path(sys.argv[1]).read_text())
    known = KNOWN | lint.recorded_metrics(sys.argv[2])
    failed = 0
    for why, spoil, wanted in ROWS:
        dashboard = copy.deepcopy(good)
        spoil(dashboard)
        findings = lint.Findings()
        lint.check_dashboard("dashboard", dashboard, known, findings)
        if not any(wanted in line for line in findings.lines) if wanted else findings.lines:
            failed += 1
            print(f"FAILED: {why}\n  expected: {wanted or 'nothing'}\n  got: {findings.lines}")
    print(f"{failed} failures")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
