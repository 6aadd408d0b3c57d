#!/usr/bin/env python3
"""lint.py EXPORTER [FOLDER]: what rules and alerts of FOLDER (dashboards/) name is there.

Metrics and labels are those of `list metrics`, reasons, packets and classes those of `list codes`, recorded series those of
rules.yaml, whose names begin with their labels. Each alert has a case that fires and one that does not (tests/rules/*.yaml),
a severity, and an anchor in RUNBOOK.md. Exactly two page. What has to work where only recorded series arrive asks for nothing
else (TRAVELS). Prints what is wrong; exit code 1 then."""

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
FOLDER = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else HERE.parent.parent / "dashboards"
OF_THE_SCRAPE = {"job", "instance"}
SEVERITIES = {"page", "ticket", "info"}
PAGES = 2
TRAVELS = {"mqtt-reason-past", "mqtt-reason-clients"}

def asked(*what):
    return json.loads(subprocess.check_output([EXPORTER, "list", *what, "--format", "json"]))


def rules_of(path):
    """The rules, each with the name of its group."""
    groups = yaml.safe_load(path.read_text())["groups"] if path.exists() else []
    return [rule | {"group": group["name"]} for group in groups for rule in group["rules"]]


class Lint:
    def __init__(self):
        self.wrong = []
        self.metrics = {m["name"]: set(m["labels"]) | OF_THE_SCRAPE for m in asked("metrics")}
        everything = set().union(*self.metrics.values())
        self.metrics |= {"up": OF_THE_SCRAPE, "ALERTS": everything | {"alertname", "alertstate", "severity"}}
        codes = asked("codes")
        self.values = {
            "reason": {c["reason"] for c in codes},
            "class": {c["class"] for c in codes},
            "packet": {p for c in codes for p in c["packets"]},
            "direction": {"sent", "received"},
        }
        self.records, self.alerts = rules_of(FOLDER / "rules.yaml"), rules_of(FOLDER / "alerts.yaml")
        for rule in self.records:
            level = rule["record"].split(":")[0].split("_")
            self.hold(rule["record"], set(level) <= everything, f"its level {level} is made of no labels")
            self.metrics[rule["record"]] = set(level) | OF_THE_SCRAPE

    def hold(self, where, good, sentence):
        if not good:
            self.wrong.append(f"{where}: {sentence}")

    def expression(self, where, text, templates=""):
        selectors, labels, made = promql.parts(text)
        self.hold(where, selectors, f"no metric was found in: {text}")
        known = set(made)
        for metric, matchers in selectors:
            self.hold(where, metric in self.metrics, f"there is no metric {metric}")
            own = self.metrics.get(metric, set())
            known |= own
            for label, (sign, value) in matchers.items():
                self.hold(where, label in own, f"{metric} has no label {label}")
                if label in self.values and "$" not in value and not re.search(r"[.*+\[(]", value):
                    for one in value.split("|") if "~" in sign else [value]:
                        self.hold(where, one in self.values[label] or one == "", f"there is no {label} {one}")
        for label in labels | set(re.findall(r"\$labels\.(\w+)", templates)):
            self.hold(where, label in known, f"nothing in it has the label {label}")

    def alert(self, rule, anchors, cases):
        name, notes = rule["alert"], rule["annotations"]
        self.expression(name, rule["expr"], " ".join(notes.values()))
        self.hold(name, rule["labels"].get("severity") in SEVERITIES, "its severity is none of " + ", ".join(sorted(SEVERITIES)))
        for note in ("summary", "description"):
            self.hold(name, notes.get(note), f"it has no {note}")
        url, _, anchor = notes.get("runbook_url", "").partition("#")
        self.hold(name, url.endswith("/RUNBOOK.md") and anchor == name.lower(), "runbook_url is not RUNBOOK.md#" + name.lower())
        self.hold(name, anchors is None or anchor in anchors, f"RUNBOOK.md has no heading for #{anchor}")
        self.hold(name, (name, True) in cases, f'no case "{name} fires when …" expects it')
        self.hold(name, (name, False) in cases, f'no case "{name} does not fire when …" expects nothing')

    def run(self):
        for rule in self.records:
            self.expression(rule["record"], rule["expr"])
        recorded = {rule["record"] for rule in self.records}
        for rule in self.records + self.alerts:
            raw = promql.asked(rule["expr"])[0] - recorded if rule["group"] in TRAVELS else set()
            self.hold(rule.get("alert") or rule["record"], not raw, f"asks in {rule['group']} for {raw}, which is not recorded")
        runbook, cases = FOLDER / "RUNBOOK.md", set()
        anchors = None
        if runbook.exists():  # As GitHub makes them of headings.
            headings = re.findall(r"^#+ +(.+?) *$", runbook.read_text(), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        for path in sorted(HERE.glob("*_test.yaml")):
            for case in yaml.safe_load(path.read_text())["tests"]:
                expected = {}
                for test in case.get("alert_rule_test", []):
                    expected.setdefault(test["alertname"], set()).add(bool(test["exp_alerts"]))
                for test in case.get("promql_expr_test", []):
                    for name in re.findall(r'ALERTS\{alertname="(\w+)"', test["expr"]):
                        expected.setdefault(name, set()).add(bool(test["exp_samples"]))
                for name, results in expected.items():
                    if f"{name} fires when " in case["name"] and True in results:
                        cases.add((name, True))
                    if f"{name} does not fire when " in case["name"] and results == {False}:
                        cases.add((name, False))
        for rule in self.alerts:
            self.alert(rule, anchors, cases)
        paging = [rule["alert"] for rule in self.alerts if rule["labels"].get("severity") == "page"]
        self.hold("alerts.yaml", len(paging) == PAGES, f"{len(paging)} alerts page, not {PAGES}: {paging}")
        return self.wrong


wrong = Lint().run()
print("\n".join(wrong) if wrong else "Rules and alerts name what is there.")
sys.exit(1 if wrong else 0)
