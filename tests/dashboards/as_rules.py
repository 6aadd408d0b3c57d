#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints every query of the dashboards as a recording rule, with values for Grafana's variables, so that `promtool check rules`
and a Prometheus can evaluate it.

    as_rules.py DASHBOARD...

The rules are called query:1, query:2, …; their labels name the dashboard, the panel and the letter of the query."""

import json
import sys

from queries import queries_of


def main():
    queries = [query for path in sys.argv[1:] for query in queries_of(path, rate_interval="5m", range="1h")]
    rules = [
        {"record": f"query:{i}", "expr": q.expr, "labels": {"dashboard": q.dashboard, "panel": q.panel, "query": q.letter}}
        for i, q in enumerate(queries, 1)
    ]
    json.dump({"groups": [{"name": "dashboards", "rules": rules}]}, sys.stdout, indent=1)  # JSON is YAML


if __name__ == "__main__":
    main()
