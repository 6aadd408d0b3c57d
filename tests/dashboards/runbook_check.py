#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that RUNBOOK.md has a chapter for each alert, for each error code, and for 0x10 and 0x11, each with its parts, and no other
chapters.

    runbook_check.py EXPORTER RUNBOOK ALERTS [RULES]

Its queries ask for metrics and labels that exist. The meanings of ends without a code are those of exporter/mqtt/close_reason.cc.
Prints a line for each finding; fails if there is one.
"""

import json
import pathlib
import re
import subprocess
import sys

import yaml

import lint

ROOT = pathlib.Path(__file__).resolve().parents[2]
NO_ERRORS = {"0x10", "0x11"}
PARTS_OF_NO_ERRORS = ["Meaning", "No alert", "When to care"]
PARTS = ["Meaning", "Likely causes", "How to check", "What to do"]


def chapters(page):
    """{heading: text} of the third level; the ends without a code, which have a form of their own, apart."""
    found, ends, into = {}, {}, None
    for section in re.split(r"^## ", page, flags=re.M)[1:]:
        into = ends if section.startswith("Ends without a code") else found
        for chapter in re.split(r"^### ", section, flags=re.M)[1:]:
            heading, _, text = chapter.partition("\n")
            into[heading] = text
    return found, ends


def check_links(alerts, findings):
    """`alerts`: {name: runbook_url}."""
    for alert, url in alerts.items():
        if url and not url.endswith("#" + alert.lower()):
            findings.add(alert, f"its link leads elsewhere: {url}")


def check_chapters(page, found, alerts, errors, harmless, ends, findings):
    """`errors`, `harmless`: {heading: reason}. Each alert and each of these has a chapter with its parts."""
    known = alerts.keys() | errors.keys() | harmless.keys()
    for heading in known - found.keys():
        findings.add(heading, "has no chapter")
    for heading in found.keys() - known:
        findings.add(heading, "is neither an alert nor a code that has a chapter")
    for heading, text in found.items():
        parts = PARTS_OF_NO_ERRORS if heading in harmless else PARTS
        if re.findall(r"^\*\*(.*?)\.\*\*", text, flags=re.M) != parts:
            findings.add(heading, f"its parts are not {', '.join(parts)}")
    for reason in [*errors.values(), *harmless.values(), *ends]:
        if page.count(f'<a id="{reason}"></a>') != 1:
            findings.add(reason, "dashboards link to it, but it has no anchor")


def check_ends(ends, findings):
    """The meanings of ends without a code are those of the exporter, in the runbook and in the dashboards."""
    source = (ROOT / "exporter/mqtt/close_reason.cc").read_text()
    meanings = dict(re.findall(r'\{"(\w+)", Class::\w+,\s*"([^"]*)"\}', source))
    dashboards = (ROOT / "dashboards/dashboards/lib/texts.libsonnet").read_text()
    if not meanings or meanings.keys() != ends.keys():
        findings.add("Ends without a code", f"{sorted(ends)}; in close_reason.cc: {sorted(meanings)}")
    for reason, meaning in meanings.items():
        if meaning.lower() not in ends.get(reason, "").lower():
            findings.add(reason, f"does not say: {meaning}")
        if f"{reason}: '{meaning}'" not in dashboards:
            findings.add("texts.libsonnet", f"{reason} is not: {meaning}")


def check_queries(page, known, findings):
    """`known`: {metric: labels}."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", page, flags=re.M | re.S)
    queries = [line for language, block in blocks if not language for line in block.splitlines()]
    queries += re.findall(r"`(sum by [^`]*)`", page)
    for query in queries:
        metrics, labels, _ = lint.asked(query)
        for metric in metrics - known.keys():
            findings.add("a query", f"no such metric {metric}: {query}")
        for label in labels - lint.TARGET_LABELS - set().union(*(known.get(metric, set()) for metric in metrics)):
            findings.add("a query", f"no such label {label}: {query}")
    for metric in set(re.findall(r"(?<!:)\bmqtt_reason_\w+", page)) - known.keys():
        findings.add("RUNBOOK.md", f"no such metric {metric}")
    if not queries:
        findings.add("RUNBOOK.md", "has no query")


def main():
    exporter, page, alerts, *rules = sys.argv[1:]
    findings = lint.Findings()
    page = pathlib.Path(page).read_text()
    found, ends = chapters(page)
    groups = yaml.safe_load(pathlib.Path(alerts).read_text())["groups"]
    links = {rule["alert"]: rule["annotations"].get("runbook_url", "") for group in groups for rule in group["rules"]}
    listed = subprocess.run([exporter, "list", "codes", "--format", "json"], check=True, stdout=subprocess.PIPE).stdout
    codes = json.loads(listed)
    errors = {f"{c['code']} {c['name']}": c["reason"] for c in codes if c["class"] == "error" and c["protocol"] == "5.0"}
    harmless = {f"{c['code']} {c['name']}": c["reason"] for c in codes if c["code"] in NO_ERRORS and c["class"] == "informational"}
    known, _ = lint.known_metrics(exporter, rules[0] if rules else None)

    check_links(links, findings)
    check_chapters(page, found, links, errors, harmless, ends, findings)
    check_ends(ends, findings)
    check_queries(page, known, findings)
    for line in findings.lines:
        print(line)
    return 1 if findings.lines else 0


if __name__ == "__main__":
    sys.exit(main())
