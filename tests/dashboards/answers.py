#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a Prometheus every query of every panel and variable, as Grafana would, and checks that each has a result.

    answers.py --prometheus URL --seconds N [--not-asked REGEX] DASHBOARD...

Graphs cover the last N seconds, scraped every 5 s. A query that ends in "> 0", "> 0.01" or "== 0" (a label_replace may follow)
shows only what happened, so its result may be empty. Such a query is listed, and must have a result without that comparison.
Queries for metrics that match REGEX are skipped. Prints a line for each finding; fails if there is one."""

import argparse
import json
import pathlib
import re
import sys

from queries import queries_of

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from prometheus_api import Prometheus  # noqa: E402

STEP = 5  # seconds; that of the scrapes
ONLY_WHAT_HAPPENED = re.compile(r" (> 0|> 0\.01|== 0)(?=$|, \"meaning\")")
# As Grafana makes it: four scrapes. And a range short enough that as much time lies before it: one panel compares the two.
WINDOWS = {"rate_interval": f"{4 * STEP}s", "range": "20s"}


def has_answer(prometheus, query, seconds):
    return bool(prometheus.instant(query.expr) if query.instant else prometheus.over_time(query.expr, seconds, STEP))


def variables_of(path):
    """(name, selector, label) of each variable that is asked of Prometheus. Of what an operator chooses all is chosen."""
    for variable in json.loads(pathlib.Path(path).read_text())["templating"]["list"]:
        if variable["type"] == "query":
            selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
            yield variable["name"], re.sub(r"\$\w+", ".+", selector), label


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prometheus", required=True, metavar="URL")
    parser.add_argument("--seconds", required=True, type=int)
    parser.add_argument("--not-asked", default="(?!)", metavar="REGEX")
    parser.add_argument("dashboards", nargs="+", metavar="DASHBOARD")
    options = parser.parse_args()
    prometheus = Prometheus(options.prometheus)

    findings, answered, quiet, not_asked = [], 0, [], 0
    for path in options.dashboards:
        for name, selector, label in variables_of(path):
            if not prometheus.label_values(selector, label):
                findings.append(f"{pathlib.Path(path).name}: variable {name} has no values: {selector}, {label}")
        for query in queries_of(path, **WINDOWS):
            name = f"{query.dashboard}: {query.panel} {query.letter}"
            if re.search(options.not_asked, query.expr):
                not_asked += 1
                continue
            whole = query._replace(expr=ONLY_WHAT_HAPPENED.sub("", query.expr))
            if has_answer(prometheus, query, options.seconds):
                answered += 1
            elif whole != query and has_answer(prometheus, whole, options.seconds):
                quiet.append(name)
            else:
                findings.append(f"{name} has no answer: {query.expr}")
    for name in quiet:
        print(f"{name} is empty: nothing of it happened")
    for line in findings:
        print(line)
    print(f"{answered} queries have an answer, {len(quiet)} are empty because nothing happened, {not_asked} were not asked")
    return 1 if findings or not answered else 0


if __name__ == "__main__":
    sys.exit(main())
