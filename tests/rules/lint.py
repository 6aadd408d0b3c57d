#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""lint.py EXPORTER [DIRECTORY]: checks that whatever the rules and alerts of DIRECTORY (dashboards/) name exists.

- Metrics and labels are those of `list metrics`; reasons, packets and classes are those of `list codes`; recorded series are
  those of rules.yaml, whose names begin with their labels.
- Each alert has a severity, absolute links, an anchor in RUNBOOK.md, a case in tests/rules/*.yaml in which it fires, and one in
  which it does not. Exactly the alerts of CRITICAL page.
- Groups of TRAVELS work where only recorded series arrive, so they read nothing else.
- No inhibition rule lets an alert hide a more severe one.

Prints each finding; the exit code is then 1."""

import json
import pathlib
import re
import subprocess
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import promql  # noqa: E402

EXPORTER = sys.argv[1]
DIRECTORY = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE.parent.parent / "dashboards"
OF_THE_SCRAPE = {"job", "instance"}
SEVERITIES = ["info", "warning", "critical"]
CRITICAL = {
    "MqttReasonBrokerSilent",
    "MqttReasonErrorRatioAboveItsPast",
    "MqttReasonMassDisconnect",
    "MqttReasonMostRequestsFail",
    "MqttReasonNobodyGetsIn",
    "MqttReasonServerUnavailable",
}
OF_OPERATORS = "mqtt_reason:limit"  # recorded by rules of theirs
TRAVELS = {"mqtt-reason-limits", "mqtt-reason-usual", "mqtt-reason-past", "mqtt-reason-clients"}


def asked(*what):
    return json.loads(subprocess.check_output([EXPORTER, "list", *what, "--format", "json"]))


def rules_of(path):
    """The rules, each with the name of its group."""
    groups = yaml.safe_load(path.read_text())["groups"] if path.exists() else []
    return [rule | {"group": group["name"]} for group in groups for rule in group["rules"]]


def runbook_anchors():
    """The anchors of RUNBOOK.md, as GitHub makes them of headings. None without that file."""
    runbook = DIRECTORY / "RUNBOOK.md"
    if not runbook.exists():
        return None
    headings = re.findall(r"^#+ +(.+?) *$", runbook.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def results_of(case):
    """{alert: booleans}: whether the tests of a case expect the alert."""
    results = {}
    for test in case.get("alert_rule_test", []):
        results.setdefault(test["alertname"], set()).add(bool(test["exp_alerts"]))
    for test in case.get("promql_expr_test", []):
        for name in re.findall(r'ALERTS\{alertname="(\w+)"', test["expr"]):
            results.setdefault(name, set()).add(bool(test["exp_samples"]))
    return results


def tested_alerts():
    """{(alert, True)} for alerts with a case in which they fire, {(alert, False)} with one in which they do not."""
    tested = set()
    for path in sorted(HERE.glob("*_test.yaml")):
        for case in yaml.safe_load(path.read_text())["tests"]:
            for name, results in results_of(case).items():
                if f"{name} fires when " in case["name"] and True in results:
                    tested.add((name, True))
                if f"{name} does not fire when " in case["name"] and results == {False}:
                    tested.add((name, False))
    return tested


class Lint:
    def __init__(self):
        self.wrong = []
        self.metrics = {m["name"]: set(m["labels"]) | OF_THE_SCRAPE for m in asked("metrics")}
        everything = set().union(*self.metrics.values()) | {"alert"}
        self.metrics[OF_OPERATORS] = {"broker", "alert"}
        self.metrics |= {"up": OF_THE_SCRAPE, "ALERTS": everything | {"alertname", "alertstate", "severity"}}
        codes = asked("codes")
        ends = (HERE.parent.parent / "exporter/mqtt/close_reason.cc").read_text()
        self.values = {
            "reason": {c["reason"] for c in codes} | set(re.findall(r'\{"(\w+)", Class::', ends)),
            "class": {c["class"] for c in codes},
            "packet": {p for c in codes for p in c["packets"]},
            "direction": {"sent", "received"},
        }
        self.records, self.alerts = rules_of(DIRECTORY / "rules.yaml"), rules_of(DIRECTORY / "alerts.yaml")
        self.values["alert"] = {rule["alert"] for rule in self.alerts}
        for rule in self.records:
            level = rule["record"].split(":")[0].split("_")
            self.expect(rule["record"], set(level) <= everything, f"its level {level} is made of no labels")
            self.metrics[rule["record"]] = set(level) | OF_THE_SCRAPE

    def expect(self, where, good, finding):
        if not good:
            self.wrong.append(f"{where}: {finding}")

    def expression(self, where, text, templates=""):
        selectors, labels, made = promql.parts(text)
        self.expect(where, selectors, f"no metric was found in: {text}")
        known = set(made)
        for metric, matchers in selectors:
            self.expect(where, metric in self.metrics, f"there is no metric {metric}")
            own = self.metrics.get(metric, set())
            known |= own
            for label, (sign, value) in matchers.items():
                self.expect(where, label in own, f"{metric} has no label {label}")
                if label in self.values and "$" not in value and not re.search(r"[.*+\[(]", value):
                    for one in value.split("|") if "~" in sign else [value]:
                        self.expect(where, one in self.values[label] or one == "", f"there is no {label} {one}")
        for label in labels | set(re.findall(r"\$labels\.(\w+)", templates)):
            self.expect(where, label in known, f"no metric in it has the label {label}")

    def alert(self, rule, anchors, cases):
        name, notes = rule["alert"], rule["annotations"]
        self.expression(name, rule["expr"], " ".join(notes.values()))
        self.expect(name, rule["labels"].get("severity") in SEVERITIES, "its severity is none of " + ", ".join(sorted(SEVERITIES)))
        for note in ("summary", "description"):
            self.expect(name, notes.get(note), f"it has no {note}")
        url, _, anchor = notes.get("runbook_url", "").partition("#")
        self.expect(name, url.endswith("/runbook") and anchor == name.lower(), "runbook_url is not /runbook#" + name.lower())
        for note in ("runbook_url", "dashboard_url"):
            self.expect(name, notes.get(note, "").startswith(("http://", "https://")), f"{note} is not an absolute address")
        self.expect(name, anchors is None or anchor in anchors, f"RUNBOOK.md has no heading for #{anchor}")
        self.expect(name, (name, True) in cases, f'no case "{name} fires when …" expects it')
        self.expect(name, (name, False) in cases, f'no case "{name} does not fire when …" expects nothing')

    def inhibitions(self):
        path = DIRECTORY / "inhibit.yaml"
        severity = {rule["alert"]: SEVERITIES.index(rule["labels"]["severity"]) for rule in self.alerts}
        labels = OF_THE_SCRAPE | set().union(*self.metrics.values())
        for rule in yaml.safe_load(path.read_text())["inhibit_rules"] if path.exists() else []:
            sides = []
            for side in ("source_matchers", "target_matchers"):
                matchers = dict(re.fullmatch(r'(\w+)=~?"(.*)"', text).groups() for text in rule[side])
                names = matchers["alertname"].split("|")
                for name in names:
                    self.expect("inhibit.yaml", name in severity, f"there is no alert {name}")
                for label in set(matchers) - {"alertname"}:
                    self.expect("inhibit.yaml", label in labels, f"there is no label {label}")
                sides.append([severity.get(name, 0) for name in names])
            self.expect("inhibit.yaml", min(sides[0]) >= max(sides[1]), f"hides a more severe alert: {rule}")
            for label in rule["equal"]:
                self.expect("inhibit.yaml", label in labels, f"there is no label {label}")

    def limits(self):
        """A recorded limit of one alert names an alert that exists."""
        for rule in self.records:
            alert = rule.get("labels", {}).get("alert")
            self.expect(rule["record"], alert is None or alert in self.values["alert"], f"is a limit of no alert: {alert}")

    def recorded_alone(self):
        """The groups of TRAVELS read recorded series only."""
        recorded = {rule["record"] for rule in self.records} | {OF_OPERATORS}
        for rule in self.records + self.alerts:
            raw = promql.asked(rule["expr"])[0] - recorded if rule["group"] in TRAVELS else set()
            self.expect(rule.get("alert") or rule["record"], not raw, f"asks in {rule['group']} for {raw}, which is not recorded")

    def run(self):
        for rule in self.records:
            self.expression(rule["record"], rule["expr"])
        self.limits()
        for name in set(re.findall(r"MqttReason\w+", (HERE / "scenarios.py").read_text())):
            self.expect("scenarios.py", name in self.values["alert"], f"there is no alert {name}")
        self.inhibitions()
        self.recorded_alone()
        anchors, cases = runbook_anchors(), tested_alerts()
        for rule in self.alerts:
            self.alert(rule, anchors, cases)
        critical = {rule["alert"] for rule in self.alerts if rule["labels"].get("severity") == "critical"}
        self.expect("alerts.yaml", critical == CRITICAL, f"these are critical and should not, or should be: {sorted(critical ^ CRITICAL)}")
        return self.wrong


wrong = Lint().run()
print("\n".join(wrong) if wrong else "Everything that rules and alerts name exists.")
sys.exit(1 if wrong else 0)
