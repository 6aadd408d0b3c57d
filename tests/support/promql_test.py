#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Shows what promql.py finds in expressions."""

import sys

import promql

ROWS = [  # expression, metrics, labels asked for, labels made
    ("up", {"up"}, set(), set()),
    ('rate(a_total{x="1", y=~"b|c"}[5m]) > 3', {"a_total"}, {"x", "y"}, set()),
    ("sum by (x) (a) / on (y) group_left (z) b", {"a", "b"}, {"x", "y", "z"}, set()),
    ("sum(a) without (x)", {"a"}, {"x"}, set()),
    ("max_over_time(l_m:a:rate5m[2h] offset 23h) unless b offset 7d", {"l_m:a:rate5m", "b"}, set(), set()),
    ('label_replace(a{x="1"}, "new", "$1", "old", "(.+)")', {"a"}, {"x", "old"}, {"new"}),
    ('sum by (new) (label_replace(a, "new", "text", "", ""))', {"a"}, set(), {"new"}),
    ('label_join(a, "new", "-", "x", "y")', {"a"}, {"x", "y"}, {"new"}),
    ('rate(a{x=~"$x"}[$__rate_interval]) or b == bool 0', {"a", "b"}, {"x"}, set()),
    ('label_values(a{x="{}"}, y)', {"a"}, {"x", "y"}, set()),
    ('count({__name__=~"a.+", x!="by (z)"})', set(), {"__name__", "x"}, set()),
    ("vector(1) + 1e3", set(), set(), set()),
    ("# of b\na", {"a"}, set(), set()),
]

failed = 0
for expression, *wanted in ROWS:
    if promql.asked(expression) != tuple(wanted):
        failed += 1
        print(f"FAILED: {expression}\n  expected: {wanted}\n  got: {promql.asked(expression)}")
sys.exit(1 if failed else 0)
