#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""never_down.py URL LABELS   Scrapes URL until standard input ends. Reports each counter with these labels, such as
'broker="hall",source="log"', that decreased, or that disappeared after a scrape. Prints the number of scrapes; fails if a
counter was reported."""
import select
import sys
import urllib.request


def counters(text, wanted):
    """Series of counters by their name with labels."""
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ") and line.endswith(" counter")}
    for line in text.splitlines():
        series, _, value = line.rpartition(" ")
        name, _, labels = series.partition("{")
        if name in names and wanted in labels:
            yield series, float(value)


def main():
    url, labels = sys.argv[1:]
    before, scrapes, wrong = {}, 0, []
    while not select.select([sys.stdin], [], [], 0.02)[0]:
        with urllib.request.urlopen(url, timeout=10) as answer:
            now = dict(counters(answer.read().decode(), labels))
        scrapes += 1
        for series, value in before.items():
            if series not in now:
                wrong.append(f"{series} is gone, it was {value:.0f}")
            elif now[series] < value:
                wrong.append(f"{series} fell from {value:.0f} to {now[series]:.0f}")
        before = now
    print(*wrong[:20], f"{scrapes} scrapes", sep="\n")
    return 1 if wrong or not scrapes else 0


if __name__ == "__main__":
    sys.exit(main())
