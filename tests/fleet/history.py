#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""history.py EXPOSITION EXPORTERS MINUTES: prints a history, in OpenMetrics, of the recorded series of that many exporters of
exporters.py, so that rules and alerts find data of yesterday and a week ago during the next MINUTES.

The history covers only the windows that dashboards/rules.yaml reads: one sample a minute, and one sample of errors every five
minutes."""

import sys
import time

from exporters import LINE

EXPOSITION, EXPORTERS, MINUTES = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
NOW = int(time.time())
HOUR, MINUTE = 3600, 60
AHEAD = (MINUTES + 10) * MINUTE


def window(begin, end, step=MINUTE):
    """Times from `begin` to `end` seconds ago, and so far on as the measurement goes."""
    last = min(NOW - 10 * MINUTE, NOW - end + AHEAD)
    return range(NOW - begin, last, step)


def label_sets():
    """{(packet, direction, reason, class)} and {source} of one exporter."""
    codes, sources = set(), set()
    for line in open(EXPOSITION):
        sample = LINE.match(line.rstrip("\n"))
        if sample and sample[1] == "mqtt_reason_codes_total":
            labels = dict(pair.split("=", 1) for pair in sample[2].split(","))
            codes.add(tuple(labels[name] for name in ("packet", "direction", "reason", "class")))
        if sample and sample[1] == "mqtt_reason_source_up":
            sources.add(dict(pair.split("=", 1) for pair in sample[2].split(","))["source"])
    return sorted(codes), sorted(sources)


def print_family(name, series, times):
    print(f"# TYPE {name} gauge")
    for labels in series:
        for n in range(EXPORTERS):
            own = f'{name}{{job="mqtt-reason",instance="exporter-{n}",broker="broker-{n}"{"," if labels else ""}{labels}}}'
            for at in times:
                print(f"{own} 0.0{at % 97 + 1:02d} {at}")


codes, sources = label_sets()
packets = sorted({(packet, direction) for packet, direction, _, _ in codes})
all_codes = [f"packet={p},direction={d},reason={r},class={c}" for p, d, r, c in codes]
errors = [labels.removesuffix(',class="error"') for labels in all_codes if labels.endswith('class="error"')]
of_past = [*window(169 * HOUR, 167 * HOUR), *window(25 * HOUR, 23 * HOUR)]
print_family(
    "broker_packet_direction:mqtt_reason_codes:rate5m",
    [f"packet={packet},direction={direction}" for packet, direction in packets],
    window(168 * HOUR + 600, 168 * HOUR),
)
print_family(
    "broker_packet_direction:mqtt_reason_errors_per_codes:ratio_rate30m",
    [f"packet={packet},direction={direction}" for packet, direction in packets],
    of_past,
)
print_family(
    "broker_reason_class:mqtt_reason_codes_and_closes:rate5m",
    [f'reason="{reason}",class="error"' for reason in ("keep_alive_timeout", "session_taken_over")],
    of_past,
)
print_family("broker:mqtt_reason_connections_lost:rate5m", [""], window(24 * HOUR, 0, 5 * MINUTE))
print_family(
    "broker_source:mqtt_reason_source_unrecognised_per_records:ratio_rate30m",
    [f"source={source}" for source in sources],
    [*window(180 * HOUR, 156 * HOUR), *window(25 * HOUR, 23 * HOUR)],
)
print_family(
    "broker_packet_direction_initiator_action_reason:mqtt_reason_all_errors:increase10m",
    errors[::10],
    window(170 * HOUR, 0, 5 * MINUTE),
)
print("# EOF")
