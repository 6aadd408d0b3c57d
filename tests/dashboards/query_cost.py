#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a Prometheus all queries of a dashboard as if it were opened, and prints the CPU time of each query.

    query_cost.py URL HOURS END DASHBOARD...

The queries are those of Grafana on a screen of 1920 pixels: graphs with the step that Grafana chooses for their width, instant
queries at the end of the time range, the annotations, and the values of the variables, all of which are chosen. Closed sections
ask nothing. Prints the median of three rounds."""

import json
import pathlib
import re
import statistics
import sys
import urllib.request

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "support"))
from prometheus_api import Prometheus  # noqa: E402

SCREEN, COLUMNS = 1920, 24
SCRAPES = 15  # seconds
# Grafana takes the second where the exact interval is below the first, both in seconds.
ROUNDED = [(1.5, 1), (3.5, 2), (7.5, 5), (12.5, 10), (17.5, 15), (25, 20), (45, 30), (90, 60), (210, 120), (450, 300), (750, 600), (1050, 900), (1500, 1200), (2700, 1800)]


def step_of(seconds, points):
    """The interval that Grafana chooses for a panel of so many points, not less than that of the scrapes."""
    exact = seconds / points
    return max(SCRAPES, next((rounded for limit, rounded in ROUNDED if exact < limit), 3600))


class Dashboard:
    def __init__(self, prometheus, path, seconds, end):
        self.prometheus, self.seconds, self.end = prometheus, seconds, end
        self.dashboard = json.loads(pathlib.Path(path).read_text())
        self.values = {"__range": f"{seconds}s", "__range_s": str(seconds)}

    def filled(self, text):
        return re.sub(r"\$([a-z_]\w*)|\$\{(\w+)\}", lambda m: self.values[m[1] or m[2]], text)

    def variable(self, name, label_values, all_value):
        selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", label_values).groups()
        values = self.prometheus.get(f"label/{label}/values", **{"match[]": self.filled(selector), "start": self.end - self.seconds, "end": self.end})
        self.values[name] = all_value or "({})".format("|".join(re.sub(r"([\\^$.*+?()\[\]{}|])", r"\\\\\1", value) for value in values))

    def range(self, expr, step):
        self.values["__interval"], self.values["__rate_interval"] = f"{step}s", f"{max(step + SCRAPES, 4 * SCRAPES)}s"
        begin, end = (at - at % step for at in (self.end - self.seconds, self.end))
        return self.prometheus.get("query_range", query=self.filled(expr), start=begin, end=end, step=step)["result"]

    def instant(self, expr):
        return self.prometheus.get("query", query=self.filled(expr), time=self.end)["result"]

    def questions(self):
        """(name, function that asks) in the order of Grafana: a variable before those that use it."""
        for v in self.dashboard["templating"]["list"]:
            if v["type"] == "query":
                yield f"variable {v['name']}", lambda v=v: self.variable(v["name"], v["query"]["query"], v.get("allValue"))
            elif v["type"] == "custom":
                self.values[v["name"]] = "({})".format("|".join(v["current"]["value"]))
        for a in self.dashboard["annotations"]["list"]:
            yield f"annotation {a['name']}", lambda a=a: self.range(a["expr"], 60)
        for panel in self.dashboard["panels"]:
            for target in panel.get("targets", []):
                points = panel.get("maxDataPoints") or SCREEN * panel["gridPos"]["w"] // COLUMNS - 40
                ask = self.instant if target.get("instant") else lambda expr, points=points: self.range(expr, step_of(self.seconds, points))
                yield f"{panel['title']} {target['refId']}", lambda ask=ask, expr=target["expr"]: ask(expr)


def cpu_of(url):
    with urllib.request.urlopen(f"{url}/metrics") as answer:
        return float(re.search(rb"^process_cpu_seconds_total (\S+)", answer.read(), re.MULTILINE)[1])


def main():
    url, hours, end, paths = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    prometheus = Prometheus(url, patience=600)
    for path in paths:
        took, answers = {}, {}
        for _ in range(3):
            for name, ask in Dashboard(prometheus, path, hours * 3600, end).questions():
                before = cpu_of(url)
                answers[name] = ask()
                took.setdefault(name, []).append(cpu_of(url) - before)
        costs = {name: statistics.median(values) for name, values in took.items()}
        print(f"{pathlib.Path(path).name}: {sum(costs.values()):.2f} s of CPU for {len(costs)} queries over {hours} hours")
        for name, cost in sorted(costs.items(), key=lambda row: -row[1]):
            series = "" if answers[name] is None else f"  {len(answers[name])} series"
            print(f"  {cost:6.3f}  {name}{series}")


if __name__ == "__main__":
    main()
