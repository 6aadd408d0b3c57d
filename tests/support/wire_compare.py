#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what the exporter reports of a log with what was on the wire.

    mqtt-reason-exporter replay --broker.profile=mosquitto broker.log | wire_compare.py wire.csv

Reads an exposition, and the rows of wire_witness.py. The exposition itself shows what a profile can report, as series that
exist from the start: a packet and direction with a series of evidence="explicit" must be reported row by row. Rules:

  too many   more reported than there was: never, explicit or inferred
  explicit   for a packet and direction that the profile reports explicitly, every row of the wire is reported, with its byte
  inferred   words may name the MQTT 5 code for a client of 3.x whose protocol is not known: another byte, if possible of the
             same meaning. Fewer than the wire are allowed
  ends       a connection ends once: ends without a code, DISCONNECTs and refused CONNECTs are together never reported more
             often than there were. Where words do not show whether a DISCONNECT was sent, an end without a code is reported

A reported protocol must be the right one. What is reported of protocol "unknown" may be of any, and a client that asked for
a protocol that does not exist is of any. Clients may send bytes that are not a packet, brokers may not. --allow names a row
that is known to differ, and by how much.

Prints a line for each row and a summary. Exit 1 on a finding.
"""

import argparse
import collections
import csv
import re
import sys

# Section 3.2.2.3 of 3.1.1 and the codes of 5.0 of the same meaning.
CONNACK_OF_3 = {"0x01": "0x84", "0x02": "0x85", "0x03": "0x88", "0x04": "0x86", "0x05": "0x87"}
SERIES = re.compile(r"^(mqtt_reason_\w+)\{(.*)\} (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def meaning(packet, protocol, code):
    return CONNACK_OF_3.get(code, code) if packet == "CONNACK" and protocol != "5.0" else code


def read_exposition(lines):
    """(reported {(packet, direction, protocol, code, evidence): count}, explicit {(packet, direction)}, closes {protocol: count})"""
    reported, explicit, closes = collections.Counter(), set(), collections.Counter()
    for line in lines:
        series = SERIES.match(line)
        if not series:
            continue
        name, labels, value = series.group(1), dict(LABEL.findall(series.group(2))), int(float(series.group(3)))
        if name == "mqtt_reason_codes_total":
            row = tuple(labels[key] for key in ("packet", "direction", "protocol", "code", "evidence"))
            reported[row] += value
            if labels["evidence"] == "explicit":
                explicit.add(row[:2])
        elif name == "mqtt_reason_closes_without_code_total":
            closes[labels["protocol"]] += value
    return reported, explicit, closes


def read_wire(path):
    """(codes {(packet, direction, protocol, code): count}, ends {protocol: count}, how often the broker's bytes were no packet)"""
    wire, ends, unseen = collections.Counter(), collections.Counter(), 0
    with open(path, encoding="ascii", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            if row["packet"] == "END":
                ends[row["protocol"]] += int(row["count"])
            elif row["packet"] != "UNDECODED":
                wire[row["packet"], row["direction"], row["protocol"], row["code"]] += int(row["count"])
            elif row["direction"] == "sent":
                unseen += int(row["count"])
    return wire, ends, unseen


class Shares:
    """Distributes what was reported over the rows of the wire: the protocol's own row first, "unknown" over what is left."""

    def __init__(self, wire):
        self.wire = wire
        self.left = collections.Counter(wire)
        self.reported = {evidence: collections.Counter() for evidence in ("explicit", "inferred")}
        self.too_many = collections.Counter()

    def distribute(self, reported, count, alike):
        """How many are left over."""
        for row in sorted(self.left, key=lambda row: (row[2] != reported[2], row)):
            if row[:2] == reported[:2] and (reported[2] == row[2] or "unknown" in (reported[2], row[2])) and alike(reported, row):
                take = min(count, self.left[row])
                self.left[row] -= take
                self.reported[reported[4]][row] += take
                count -= take
        return count


# Which rows of the wire may be meant by what was reported, the likeliest first.
def same_byte(reported, row):
    return row[3] == reported[3]


def same_meaning(reported, row):
    return reported[4] == "inferred" and meaning(row[0], row[2], row[3]) == meaning(reported[0], reported[2], reported[3])


# What brokers say instead: mochi to a wrong password, ejabberd to a will that it forbids.
OTHER_BYTES_OF_3 = {("0x86", "0x05"), ("0x90", "0x80")}


def refused_3(reported, row):
    return reported[0] == "CONNACK" and reported[4] == "inferred" and row[2] != "5.0" and (reported[3], row[3]) in OTHER_BYTES_OF_3


def compare(reported, wire):
    shares = Shares(wire)
    # What leaves the fewest rows to choose from is distributed first.
    for row, count in sorted(reported.items(), key=lambda item: (item[0][2] == "unknown", item[0][4] == "inferred", item[0])):
        for alike in (same_byte, same_meaning, refused_3):
            count = shares.distribute(row, count, alike)
        if count:
            shares.too_many[row] += count
    return shares


def ends_of(rows, without_code):
    """How many ends of connections these rows are, by protocol."""
    ends = collections.Counter(without_code)
    for (packet, _, protocol, code, *_), count in rows.items():
        if packet == "DISCONNECT" or (packet == "CONNACK" and code != "0x00"):
            ends[protocol] += count
    return ends


def parse_arguments():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("wire", help="rows of wire_witness.py")
    arguments.add_argument("--allow", action="append", default=[], metavar='"PACKET direction protocol code count"')
    arguments.add_argument("--in-part", action="append", default=[], metavar='"PACKET direction"', help="less may be reported of it")
    arguments.add_argument("--at-most", action="store_true", help="a log of a lower level: less may be reported")
    return arguments.parse_args()


def judge(row, shares, exact, allowed):
    """Whether a row of the wire is reported. `exact`: each code must be reported, but for those that --allow names."""
    left = shares.left[row]
    if left > allowed.get(row, 0) and exact:
        return "MISSING"
    if left and left == shares.wire[row]:
        return "not reported"
    if left:
        return "partly"
    return "inferred" if shares.reported["inferred"][row] else "equal"


def compare_rows(shares, exact_packets, allowed):
    """Prints each row of the wire. Returns how many rows there are by verdict, and the findings."""
    figures, findings = collections.Counter(), []
    for row, count in sorted(shares.wire.items()):
        verdict = judge(row, shares, row[:2] in exact_packets, allowed)
        if verdict == "MISSING":
            findings.append("%s: %d of %d not reported" % (" ".join(row), shares.left[row], count))
        figures[verdict] += 1
        counts = (count, shares.reported["explicit"][row], shares.reported["inferred"][row])
        print("%-10s %-8s %-7s %s  wire %3d  explicit %3d  inferred %3d  %s" % (*row, *counts, verdict))
    for row, count in sorted(shares.too_many.items()):
        if count > allowed.get(row[:4], 0):
            findings.append("%s: %d more than on the wire" % (" ".join(row), count))
    return figures, findings


def compare_ends(on_wire, reported):
    """The findings about ends of connections, {protocol: count} each."""
    findings = []
    for protocol, count in sorted(reported.items()):
        if protocol != "unknown" and count > on_wire[protocol]:
            findings.append("ends of connections of %s: %d reported, %d on the wire" % (protocol, count, on_wire[protocol]))
    if sum(reported.values()) > sum(on_wire.values()):
        findings.append("ends of connections: %d reported, %d on the wire" % (sum(reported.values()), sum(on_wire.values())))
    return findings


def print_summary(shares, figures, wire_ends, reported_ends):
    print(
        "%d rows, %d codes on the wire: %s. reported: %d explicit, %d inferred, %d too many. ends of connections: %d, %d reported"
        % (
            len(shares.wire),
            sum(shares.wire.values()),
            ", ".join("%d %s" % (count, verdict) for verdict, count in sorted(figures.items())),
            sum(shares.reported["explicit"].values()),
            sum(shares.reported["inferred"].values()),
            sum(shares.too_many.values()),
            sum(wire_ends.values()),
            sum(reported_ends.values()),
        )
    )


def main():
    options = parse_arguments()
    allowed = {tuple(text.split()[:4]): int(text.split()[4]) for text in options.allow}
    reported, explicit, closes = read_exposition(sys.stdin)
    if not reported:
        raise SystemExit("There is no exposition on standard input.")
    wire, ends, unseen = read_wire(options.wire)
    shares = compare(reported, wire)

    exact_packets = set() if options.at_most else explicit - {tuple(text.split()) for text in options.in_part}
    figures, findings = compare_rows(shares, exact_packets, allowed)
    if unseen:
        findings.append("%d connections: what the broker sent could not be decoded to the end" % unseen)
    wire_ends, reported_ends = ends_of(wire, ends), ends_of(reported, closes)
    findings += compare_ends(wire_ends, reported_ends)
    print_summary(shares, figures, wire_ends, reported_ends)
    for finding in findings:
        print("FINDING " + finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
