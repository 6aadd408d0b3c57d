#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""quiet.py EXPORTER RULES ALERTS: prints a promtool test of what no alert may fire for, with every code of `list codes`.

A code that the table gains is in it without another word."""

import json
import subprocess
import sys

EXPORTER, RULES, ALERTS = sys.argv[1:]
CODES = json.loads(subprocess.check_output([EXPORTER, "list", "codes", "--format", "json"]))
SERIES = (
    'mqtt_reason_codes_total{job="j", instance="i", broker="b", source="log", packet="%s", direction="%s", '
    'protocol="%s", code="%s", reason="%s", class="%s", evidence="explicit"}'
)
SIDES = (("broker_sends_in", "sent"), ("client_sends_in", "received"))


def codes(values, is_error):
    return [
        {"series": SERIES % (packet, direction, c["protocol"], c["code"], c["reason"], c["class"]), "values": values}
        for c in CODES
        if (c["class"] == "error") == is_error
        for side, direction in SIDES
        for packet in c[side]
    ]


def silence(name, series, state=""):
    nothing = {"expr": "count_over_time(ALERTS{%s}[60m])" % state, "eval_time": "60m", "exp_samples": []}
    return {"name": name, "interval": "1m", "input_series": series, "promql_expr_test": [nothing]}


FIRING = 'alertstate="firing"'
UP = 'mqtt_reason_source_up{job="j", instance="i", broker="b", source="log"}'
SHADOW = SERIES.replace("codes_total", "shadow_codes_total") % ("CONNACK", "sent", "5.0", "0x87", "not_authorized", "error")
assert codes("0", True) and codes("0", False)

catching_up = silence("a log of hours is read at once after a restart", codes("0x10 _x3 40x50", True), FIRING)
catching_up["promql_expr_test"].append(  # It is counted all the same.
    {
        "expr": "sum(broker_reason_class:mqtt_reason_codes_and_closes:rate5m) > bool 0",
        "eval_time": "14m",
        "exp_samples": [{"labels": "{}", "value": 1}],
    }
)
json.dump(
    {
        "rule_files": [RULES, ALERTS],
        "evaluation_interval": "1m",
        "group_eval_order": ["mqtt-reason-" + g for g in ("rates", "limits", "usual", "past", "week", "clients", "exporter", "discovery", "sources")],
        "tests": [
            silence(
                "all that is no error floods from the first scrape on, 0x10 and 0x11 too, and starts again",
                codes("0+600x20 0+600x40", False) + codes("0x60", True),
            ),
            silence(
                "an exporter that has counted for long appears, is restarted with its counters, and without",
                codes("_x10 70000x10 _x3 70000x10 _x3 0x40", True)
                + [{"series": UP, "values": "_x10 1x10 _x3 0x1 1x10 _x3 0x1 1x40"}],
                FIRING,
            ),
            catching_up,
            silence(
                "what is no authority counts errors in other words",
                codes("0x60", True) + [{"series": SHADOW.replace("explicit", "inferred"), "values": "0+50x60"}],
            ),
        ],
    },
    sys.stdout,
    indent=1,
)
