#!/usr/bin/env python3
"""Prints every query of the dashboards as a recording rule, with values for Grafana's variables, so that `promtool check rules`
reads it, and a Prometheus answers it.

    as_rules.py DASHBOARD...

A rule is called query:1, query:2, …; its labels tell the dashboard, the panel and the letter.
"""

import json
import pathlib
import sys

import lint

VALUES = {"$__rate_interval": "5m", "$__range": "1h"}


def main():
    rules = []
    for path in map(pathlib.Path, sys.argv[1:]):
        dashboard = json.loads(path.read_text())
        values = VALUES | {f"${variable['name']}": ".+" for variable in dashboard["templating"]["list"]}
        for panel in lint.all_panels(dashboard):
            for target in panel.get("targets", []):
                expr = target["expr"]
                for name, value in values.items():
                    expr = expr.replace(name, value)
                labels = {"dashboard": path.name, "panel": panel["title"], "query": target["refId"]}
                rules.append({"record": f"query:{len(rules) + 1}", "expr": expr, "labels": labels})
    json.dump({"groups": [{"name": "dashboards", "rules": rules}]}, sys.stdout, indent=1)  # JSON is YAML


if __name__ == "__main__":
    main()
