# SPDX-License-Identifier: Apache-2.0
"""RESULTS.md: the table of all rows with their last full run. Rows that were not run this time keep their line."""

import dataclasses
import datetime
import os
import re

from process import HERE
from row import Elsewhere, Unproven

PASS, FAIL, NOT_RUN = "pass", "FAIL", "not run"
FILE = os.path.join(HERE, "RESULTS.md")
LINE = re.compile(r"^\| (\w+) \| .* \| .* \| (.*) \| (.*) \| (.*) \|$")


@dataclasses.dataclass(frozen=True)
class Result:
    figure: str
    result: str
    day: str = dataclasses.field(default_factory=lambda: datetime.date.today().isoformat())


def machine():
    with open("/proc/cpuinfo") as cpus:
        models = [row.split(":", 1)[1].strip() for row in cpus if row.startswith("model name")]
    with open("/etc/os-release") as release:
        system = next(row.split('"')[1] for row in release if row.startswith("PRETTY_NAME"))
    kernel = os.uname()
    return f"{len(os.sched_getaffinity(0))} x {models[0] if models else kernel.machine}, {system}, Linux {kernel.release}"


def together(figures):
    """Of several runs; a figure that came more than once is listed once."""
    return " · ".join(
        (f"{figures.count(figure)} x {figure}" if figures.count(figure) > 1 else figure) for figure in dict.fromkeys(figures)
    )


def read(path):
    """What the table holds: {name: Result}."""
    if not os.path.exists(path):
        return {}
    with open(path) as file:
        return {found[1]: Result(found[2], found[3], found[4]) for row in file if (found := LINE.match(row))}


def write(path, rows, done):
    results = {**read(path), **done}
    with open(path, "w") as file:
        file.write(HEAD.format(machine=machine()))
        for row in rows:
            cells = (row.name, row.fault, *measured(row, results))
            file.write("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |\n")


def measured(row, results):
    """(limit, measured, result, day) of a row."""
    if isinstance(row, Elsewhere):
        return "", f"{row.words}, {row.file}", PASS if row.exists() else FAIL, ""
    if isinstance(row, Unproven):
        return "", row.why, NOT_RUN, ""
    last = results.get(row.name, Result("", NOT_RUN, ""))
    return row.limit, last.figure, last.result, last.day


HEAD = """# Exact under every fault

What the exporter does under each fault, measured by `tests/faults/run.sh --full` (which writes this file) with the real
binary. Lost and repeated are distinguished by a fingerprint of counters (oracle.py); several figures in a cell are several
runs of it. Unless a row says otherwise the log grows by 2,000 lines/s and is rotated once a second for 20 s.

Machine: {machine}

| row | fault | limit | measured | result | day |
| --- | --- | --- | --- | --- | --- |
"""
