#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an exposition on standard input counts, as the rows that capture_clients.py and tshark_rows.py write.

    mqtt-reason-exporter replay FILE.pcap | exposition_rows.py [--source NAME]
"""

import argparse
import collections
import sys

from wire_compare import LABEL, SERIES

PARTS = {
    "mqtt_reason_codes_total": lambda of: (of["packet"], of["direction"], of["protocol"], of["code"]),
    "mqtt_reason_closes_without_code_total": lambda of: ("END", of["initiator"], of["protocol"], of["reason"]),
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--source", help="only what this source counted")
    options = arguments.parse_args()
    rows = collections.Counter()
    for line in sys.stdin:
        series = SERIES.match(line)
        if series and series.group(1) in PARTS:
            labels = dict(LABEL.findall(series.group(2)))
            if options.source in (None, labels["source"]):
                rows[PARTS[series.group(1)](labels)] += int(float(series.group(3)))
    sys.stdout.writelines(sorted(" ".join((*row, str(count))) + "\n" for row, count in rows.items() if count))


if __name__ == "__main__":
    main()
