#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks of the dashboards that a schema cannot make: every metric and label that a panel or a variable asks for exists, and each
panel has a description and a unit, and overlaps no other.

    lint.py [--rules FILE] EXPORTER DASHBOARD...

Metrics and labels come from `EXPORTER list metrics`, and from the names of the recording rules in FILE. Only keys of panels are
allowed that Grafana 10.0 knows (SHAPES). Prints a line for each finding; fails if there is one.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

import yaml

from queries import all_panels

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from promql import asked  # noqa: E402

TARGET_LABELS = {"job", "instance"}
# Series of Prometheus itself, and their labels.
OF_PROMETHEUS = {"ALERTS": {"alertname", "alertstate", "severity", "broker"}}
# Only errors with a code have exemplars, and recorded series have none.
OF_EXEMPLARS = "mqtt_reason_codes_total"
WITH_EXEMPLARS = {"mqtt-reason-codes", "mqtt-reason-connections"}
# Counts of the same events, for comparison: they must not be added.
NEVER_ADDED = {"mqtt_reason_codes_total", "mqtt_reason_shadow_codes_total"}
# The first is included in the second.
REPEATS = {"mqtt_reason_source_record_errors_total": "mqtt_reason_source_records_total"}
DATA_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
VARIABLES = {"datasource", "job", "instance", "broker"}
OF_GRAFANA = {"__range", "__rate_interval"}
# What a link may choose on another dashboard besides its variables.
OF_LINKS = {"__url_time_range", "__data", "__field"}
UNITS = {"Bps", "bytes", "cps", "locale", "none", "percentunit", "pps", "s", "short", "suffix:/min"}
OF_ERRORS_ALONE = ":mqtt_reason_all_errors:"
OF_ERRORS = re.compile(r"\b(refused|dropped|denied|errors|turned away)\b", re.I)

# Keys of options and of fieldConfig.defaults.custom, by kind of panel.
SHAPES = {
    "timeseries": (
        {"legend", "tooltip"},
        {"drawStyle", "lineInterpolation", "lineWidth", "fillOpacity", "showPoints", "spanNulls", "stacking"},
    ),
    "stat": ({"reduceOptions", "colorMode", "graphMode", "justifyMode", "orientation", "textMode"}, set()),
    "bargauge": (
        {"reduceOptions", "displayMode", "orientation", "showUnfilled", "valueMode", "minVizHeight", "minVizWidth"},
        set(),
    ),
    "status-history": ({"showValue", "rowHeight", "colWidth", "legend", "tooltip"}, {"fillOpacity", "lineWidth"}),
    "table": ({"showHeader", "cellHeight", "sortBy"}, {"align", "cellOptions", "inspect", "filterable", "hidden"}),
}
PANEL_KEYS = {
    "id", "type", "title", "description", "datasource", "pluginVersion", "targets", "fieldConfig", "options", "gridPos",
    "transformations", "maxDataPoints",
}
DEFAULTS = {"unit", "decimals", "mappings", "color", "thresholds", "min", "noValue", "custom", "links"}

# What a function looks back on.
WINDOWS = {"rate": "$__rate_interval", "increase": "$__range", "avg_over_time": "$__range", "sum_over_time": "$__range"}

GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)")


def grouped_labels(expr):
    """The labels that `expr` groups by or matches on."""
    return {label.strip() for names in GROUPING.findall(expr) for label in names.split(",")}


class Findings:
    def __init__(self):
        self.lines = []

    def add(self, where, what):
        self.lines.append(f"{where}: {what}")


def check_expr(where, expr, known, findings):
    metrics, labels, _ = asked(expr)
    if not metrics:
        findings.add(where, f"asks for no metric: {expr}")
    for metric in metrics - known.keys():
        findings.add(where, f"no such metric: {metric}")
    allowed = set().union(TARGET_LABELS, *(known.get(metric, set()) for metric in metrics))
    for label in labels - allowed:
        findings.add(where, f"no metric of it has the label {label}: {expr}")
    if NEVER_ADDED <= metrics:
        findings.add(where, "joins mqtt_reason_shadow_codes_total with mqtt_reason_codes_total")
    for part, whole in REPEATS.items():
        if {part, whole} <= metrics:
            findings.add(where, f"joins {part} with {whole}, which includes it")
    for function, window in re.findall(r"\b(\w+)\([^\[\]()]*\[([^\]]*)\]", expr):
        wanted = WINDOWS.get(function)
        if window != wanted:
            findings.add(where, f"{function} is over [{window}] instead of [{wanted}]")
    for metric in metrics:
        if metric.endswith("_total") and not re.search(r"(rate|increase)\(" + metric, expr):
            findings.add(where, f"{metric} is a counter, but not under rate or increase")


def check_errors(where, panel, findings):
    """A panel whose title is about errors asks for errors only: 0x10 and 0x11 are not errors."""
    for target in panel["targets"]:
        codes = re.findall(r"mqtt_reason_(?:codes|closes_without_code|denials_without_code)(?:_total|:\w+)\{([^}]*)\}", target["expr"])
        if not codes or not OF_ERRORS.search(panel["title"]):
            continue
        if OF_ERRORS_ALONE not in target["expr"] and not any(re.search('class="(error|success)"', matchers) for matchers in codes):
            findings.add(where, f"its title is about errors, but it does not ask for class=\"error\": {target['expr']}")


def check_places(name, panels, findings):
    taken = {}
    for panel in panels:
        at = panel["gridPos"]
        if at["x"] < 0 or at["w"] < 1 or at["h"] < 1 or at["x"] + at["w"] > 24:
            findings.add(f"{name}: {panel['title']}", f"does not fit into the 24 columns: {at}")
        for x in range(at["x"], at["x"] + at["w"]):
            for y in range(at["y"], at["y"] + at["h"]):
                other = taken.setdefault((x, y), panel["title"])
                if other != panel["title"]:
                    findings.add(f"{name}: {panel['title']}", f"overlaps {other!r}")
                    return


def check_shape(where, panel, findings):
    """Only keys that Grafana 10.0 knows."""
    options, custom = SHAPES[panel["type"]]
    defaults = panel["fieldConfig"]["defaults"]
    shapes = ((panel, PANEL_KEYS), (panel["options"], options), (defaults, DEFAULTS), (defaults.get("custom", {}), custom))
    for found, allowed in shapes:
        for key in set(found) - allowed:
            findings.add(where, f"Grafana 10.0 does not know {key} of a {panel['type']} panel")


def check_targets(where, panel, known, findings):
    letters = [target["refId"] for target in panel["targets"]]
    if not letters:
        findings.add(where, "has no query")
    if len(set(letters)) != len(letters):
        findings.add(where, f"two queries have the same letter: {letters}")
    for holder in [panel, *panel["targets"]]:
        if holder["datasource"] != DATA_SOURCE:
            findings.add(where, f"has the data source {holder['datasource']}, not that of the dashboard")
    for target in panel["targets"]:
        check_expr(where, target["expr"], known, findings)
        if target.get("exemplar") and (target["instant"] or asked(target["expr"])[0] != {OF_EXEMPLARS}):
            findings.add(where, f"there are no exemplars in {target['expr']}")
        for label in re.findall(r"\{\{\s*(\w+)\s*\}\}", target["legendFormat"]):
            if label not in grouped_labels(target["expr"]) | TARGET_LABELS:
                findings.add(where, f"the legend shows {label}, which the query does not keep")


def check_panel(where, panel, known, findings):
    if panel["type"] not in SHAPES:
        findings.add(where, f"the panel type {panel['type']} is not in SHAPES")
        return
    defaults = panel["fieldConfig"]["defaults"]
    check_shape(where, panel, findings)
    if len(panel.get("description", "")) < 4:
        findings.add(where, "has no description")
    if defaults.get("unit") not in UNITS:
        findings.add(where, f"the unit {defaults.get('unit')!r} is not in UNITS")
    check_targets(where, panel, known, findings)
    check_errors(where, panel, findings)
    if panel["type"] == "stat" and defaults["thresholds"]["steps"][0]["color"] == "green":
        findings.add(where, "is green where there is no series")
    if panel["type"] == "bargauge" and panel["options"].get("valueMode") != "text":
        findings.add(where, "writes its numbers in the colours of the bars, which are hard to read on white")
    if panel["type"] == "table":
        check_table(where, panel, findings)


def check_table(where, panel, findings):
    """Each column is a label that a query keeps or makes, or the value of one."""
    fields = set()
    for target in panel["targets"]:
        fields |= grouped_labels(target["expr"]) | asked(target["expr"])[2]
        fields.add(f"Value #{target['refId']}" if len(panel["targets"]) > 1 else "Value")
    shown = {}
    for transformation in panel["transformations"]:
        if transformation["id"] == "organize":
            shown = transformation["options"]["renameByName"]
    for field in {*shown, *hidden_fields(panel)} - fields:
        findings.add(where, f"column {field} is in no query")
    for field in {field for field in fields if field.startswith("Value")} - shown.keys() - {"Value"}:
        findings.add(where, f"{field} is not shown")
    plain = {
        override["matcher"]["options"]
        for override in panel["fieldConfig"]["overrides"]
        if {"id": "unit", "value": "string"} in override["properties"]
    }
    for field, title in shown.items():
        if not field.startswith("Value") and title not in plain:
            findings.add(where, f"column {title} is a label and needs the unit string: without it 0x82 is shown as 130")
    for override in panel["fieldConfig"]["overrides"]:
        if override["matcher"]["options"] not in {*shown.values(), *hidden_fields(panel)}:
            findings.add(where, f"overrides a column that does not exist: {override['matcher']['options']}")
    for sort in panel["options"].get("sortBy", []):
        if sort["displayName"] not in shown.values():
            findings.add(where, f"is sorted by a column that does not exist: {sort['displayName']}")


def hidden_fields(panel):
    return {
        override["matcher"]["options"]
        for override in panel["fieldConfig"]["overrides"]
        if {"id": "custom.hidden", "value": True} in override["properties"]
    }


def links_of(panel):
    yield from panel["fieldConfig"]["defaults"].get("links", [])
    for override in panel["fieldConfig"]["overrides"]:
        for change in override["properties"]:
            if change["id"] == "links":
                yield from change["value"]


def check_link(where, url, variables, columns, labels, findings):
    """`variables`: by dashboard uid. `columns`, `labels`: what the link may use of its panel."""
    target = re.match(r"/d/([^?]+)\?", url)
    if target and target[1] not in variables:
        findings.add(where, f"links to a dashboard that does not exist: {url}")
    elif target:
        given = re.findall(r"[?&]var-(\w+)=", url) + re.findall(r"\$\{(\w+):queryparam\}", url)
        for variable in set(given) - variables[target[1]]:
            findings.add(where, f"sets {variable}, which {target[1]} does not have: {url}")
    elif not url.startswith("http"):
        findings.add(where, f"is not a link: {url}")
    for field in re.findall(r'\$\{__data\.fields\["([^"]*)"\]\}', url):
        if field not in columns:
            findings.add(where, f"there is no column {field} for {url}")
    for label in re.findall(r"\$\{__field\.labels\.(\w+)\}", url):
        if label not in labels:
            findings.add(where, f"no query keeps the label {label} for {url}")


def check_links(name, dashboard, variables_of, findings):
    """Follows every link: the dashboard that it opens exists, knows the variables that the link sets, and each value exists."""
    own = {variable["name"] for variable in dashboard["templating"]["list"]}
    for panel in all_panels(dashboard):
        if panel["type"] == "row":
            continue
        where = f"{name}: {panel['title']}"
        columns = hidden_fields(panel)
        for transformation in panel.get("transformations", []):
            if transformation["id"] == "organize":
                columns |= set(transformation["options"]["renameByName"].values())
        labels = set().union(*(grouped_labels(target["expr"]) for target in panel["targets"]))
        for link in links_of(panel):
            check_link(where, link["url"], variables_of, columns, labels, findings)
            for variable in set(re.findall(r"\$\{(\w+)", link["url"])) - own - OF_LINKS:
                findings.add(where, f"uses ${variable}, which is not defined: {link['url']}")


def check_annotations(name, dashboard, known, findings):
    for annotation in dashboard["annotations"]["list"]:
        where = f"{name}: annotation {annotation['name']}"
        metrics, labels, _ = asked(annotation["expr"])
        for metric in metrics - known.keys():
            findings.add(where, f"no such metric: {metric}")
        for label in labels - set().union(TARGET_LABELS, *(known.get(metric, set()) for metric in metrics)):
            findings.add(where, f"no metric of it has the label {label}")


def check_identity(name, dashboard, findings):
    if not re.fullmatch(r"[a-z0-9-]{1,40}", dashboard.get("uid") or ""):
        findings.add(name, f"invalid uid {dashboard.get('uid')!r}")
    if "__inputs" in dashboard or dashboard.get("id") is not None:
        findings.add(name, "__inputs and id cannot be provisioned")


def check_variable_query(where, query, known, findings):
    """The query of a variable is label_values(SELECTOR, LABEL), and the metrics of SELECTOR have that label."""
    parsed = re.fullmatch(r"label_values\((.*), (\w+)\)", query)
    if not parsed:
        findings.add(where, f"is not label_values(SELECTOR, LABEL): {query}")
        return
    selector, label = parsed.groups()
    several = re.match(r'\{__name__=~"([\w|]+)"', selector)
    metrics = several[1].split("|") if several else [re.match(r"[\w:]+", selector)[0]]
    for metric in metrics:
        if label not in known.get(metric, set()) | (set() if several else TARGET_LABELS):
            findings.add(where, f"{metric} has no label {label}")
    if not several and (metrics[0] not in known or asked(selector)[1] - known[metrics[0]] - TARGET_LABELS):
        findings.add(where, f"no such metric or label: {selector}")


def check_variables(name, dashboard, known, findings):
    """The variables that all dashboards have exist, each is used, and nothing else is."""
    variables = {variable["name"]: variable for variable in dashboard["templating"]["list"]}
    for missing in VARIABLES - variables.keys():
        findings.add(name, f"has no variable {missing}")
    for variable in variables.values():
        if variable["type"] != "query":
            continue
        where = f"{name}: ${variable['name']}"
        check_variable_query(where, variable["query"]["query"], known, findings)
        if variable["datasource"] != DATA_SOURCE:
            findings.add(where, f"has the data source {variable['datasource']}, not that of the dashboard")
    used = set(re.findall(r"\$\{?(\w+)", json.dumps([panel.get("targets") for panel in all_panels(dashboard)])))
    for variable in variables.values():
        used |= set(re.findall(r"\$(\w+)", json.dumps(variable.get("query"))))
    for unknown in used - variables.keys() - OF_GRAFANA - {"1"}:
        findings.add(name, f"uses ${unknown}, which is not defined")
    for unused in variables.keys() - used - {"datasource"}:
        findings.add(name, f"does not use ${unused}")


def check_dashboard(name, dashboard, known, findings):
    check_identity(name, dashboard, findings)
    check_variables(name, dashboard, known, findings)
    panels = list(all_panels(dashboard))
    ids = [panel["id"] for panel in panels]
    if len(set(ids)) != len(ids):
        findings.add(name, f"two panels have the same id: {sorted(ids)}")
    titles = [panel["title"] for panel in panels]
    for title in {title for title in titles if titles.count(title) > 1}:
        findings.add(name, f"two panels have the title {title!r}")
    check_places(name, dashboard["panels"], findings)
    for panel in dashboard["panels"]:
        check_places(name, panel.get("panels", []), findings)
    for panel in panels:
        if panel["type"] != "row":
            check_panel(f"{name}: {panel['title']}", panel, known, findings)


def recorded_metrics(rules):
    """What rules record, with its labels: level:metric:operations."""
    groups = yaml.safe_load(pathlib.Path(rules).read_text())["groups"]
    names = [rule["record"] for group in groups for rule in group["rules"] if "record" in rule]
    return {name: set(name.split(":")[0].split("_")) for name in names}


def known_metrics(exporter, rules):
    listed = subprocess.run([exporter, "list", "metrics", "--format", "json"], check=True, stdout=subprocess.PIPE).stdout
    known = {metric["name"]: set(metric["labels"]) for metric in json.loads(listed)}
    ours = set(known)
    known |= recorded_metrics(rules) if rules else {}
    return known | OF_PROMETHEUS, ours


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", help="file with recording rules")
    parser.add_argument("exporter")
    parser.add_argument("dashboards", nargs="+", metavar="DASHBOARD")
    options = parser.parse_args()
    known, ours = known_metrics(options.exporter, options.rules)

    findings = Findings()
    uids, shown = {}, set()
    dashboards = {pathlib.Path(path).name: json.loads(pathlib.Path(path).read_text()) for path in options.dashboards}
    variables_of = {d["uid"]: {variable["name"] for variable in d["templating"]["list"]} for d in dashboards.values()}
    for name, dashboard in dashboards.items():
        check_dashboard(name, dashboard, known, findings)
        check_links(name, dashboard, variables_of, findings)
        check_annotations(name, dashboard, known, findings)
        if uids.setdefault(dashboard["uid"], name) != name:
            findings.add(name, f"has the uid of {uids[dashboard['uid']]}")
        for panel in all_panels(dashboard):
            for target in panel.get("targets", []):
                shown |= asked(target["expr"])[0]
    with_exemplars = {d["uid"] for d in dashboards.values() for p in all_panels(d) for t in p.get("targets", []) if t.get("exemplar")}
    for uid in sorted(WITH_EXEMPLARS & variables_of.keys() - with_exemplars):
        findings.add(uid, "no panel shows exemplars")
    for metric in sorted(ours - shown):
        findings.add("dashboards", f"no panel shows {metric}")
    for line in findings.lines:
        print(line)
    return 1 if findings.lines else 0


if __name__ == "__main__":
    sys.exit(main())
