#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds what the exporter tells of a log against what was on the wire.

    mqtt-reason-exporter replay --broker.profile=mosquitto broker.log | wire_compare.py wire.csv

Reads an exposition, and the rows of wire_witness.py. What a profile can tell stands in the exposition itself, as series that
exist from the start: a packet and direction with a series of evidence="explicit" must be told row by row. Rules:

  too many   more told than there was: never, explicit or inferred
  explicit   for a packet and direction that the profile tells explicitly, every row of the wire is told, with its byte
  inferred   words may name the MQTT 5 code for a client of 3.x whose protocol is not told: another byte, if possible of the
             same meaning. Fewer than the wire are allowed
  ends       a connection ends once: ends without a code, DISCONNECTs and refused CONNECTs are together never told more often
             than there were. Where words do not tell whether a DISCONNECT was sent, an end without a code is told

A protocol that is told must be the right one; what is told of protocol "unknown" may be of any, and a client that asked for
a protocol that does not exist is of any. Clients may send what is no packet, brokers may not. --allow names a row that is
known to differ, and by how much.

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
    """(told {(packet, direction, protocol, code, evidence): count}, explicit {(packet, direction)}, closes {protocol: count})"""
    told, explicit, closes = collections.Counter(), set(), collections.Counter()
    for line in lines:
        series = SERIES.match(line)
        if not series:
            continue
        name, labels, value = series.group(1), dict(LABEL.findall(series.group(2))), int(float(series.group(3)))
        if name == "mqtt_reason_codes_total":
            row = tuple(labels[key] for key in ("packet", "direction", "protocol", "code", "evidence"))
            told[row] += value
            if labels["evidence"] == "explicit":
                explicit.add(row[:2])
        elif name == "mqtt_reason_closes_without_code_total":
            closes[labels["protocol"]] += value
    return told, explicit, closes


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
    """Deals out what was told over the rows of the wire: the protocol's own row first, "unknown" over what is left."""

    def __init__(self, wire):
        self.wire = wire
        self.left = collections.Counter(wire)
        self.told = {evidence: collections.Counter() for evidence in ("explicit", "inferred")}
        self.too_many = collections.Counter()

    def deal(self, told, count, alike):
        """How many could not be dealt out."""
        for row in sorted(self.left, key=lambda row: (row[2] != told[2], row)):
            if row[:2] == told[:2] and (told[2] == row[2] or "unknown" in (told[2], row[2])) and alike(told, row):
                take = min(count, self.left[row])
                self.left[row] -= take
                self.told[told[4]][row] += take
                count -= take
        return count


# Which rows of the wire may be meant by what was told, the likeliest first.
def same_byte(told, row):
    return row[3] == told[3]


def same_meaning(told, row):
    return told[4] == "inferred" and meaning(row[0], row[2], row[3]) == meaning(told[0], told[2], told[3])


# What brokers say instead: mochi to a wrong password, ejabberd to a will that it forbids.
OTHER_BYTES_OF_3 = {("0x86", "0x05"), ("0x90", "0x80")}


def refused_3(told, row):
    return told[0] == "CONNACK" and told[4] == "inferred" and row[2] != "5.0" and (told[3], row[3]) in OTHER_BYTES_OF_3


def compare(told, wire):
    shares = Shares(wire)
    # What leaves the fewest rows to choose from is dealt out first.
    for row, count in sorted(told.items(), key=lambda item: (item[0][2] == "unknown", item[0][4] == "inferred", item[0])):
        for alike in (same_byte, same_meaning, refused_3):
            count = shares.deal(row, count, alike)
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


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("wire", help="rows of wire_witness.py")
    arguments.add_argument("--allow", action="append", default=[], metavar='"PACKET direction protocol code count"')
    arguments.add_argument("--in-part", action="append", default=[], metavar='"PACKET direction"', help="less may be told of it")
    arguments.add_argument("--at-most", action="store_true", help="a log of a lower level: less may be told")
    options = arguments.parse_args()
    allowed = {tuple(text.split()[:4]): int(text.split()[4]) for text in options.allow}

    told, explicit, closes = read_exposition(sys.stdin)
    explicit -= {tuple(text.split()) for text in options.in_part}
    if not told:
        raise SystemExit("There is no exposition on standard input.")
    wire, ends, unseen = read_wire(options.wire)
    shares = compare(told, wire)

    findings, figures = [], collections.Counter()
    if unseen:
        findings.append("%d connections: what the broker sent could not be decoded to the end" % unseen)
    for row in sorted(wire):
        exactly, inferred, left = shares.told["explicit"][row], shares.told["inferred"][row], shares.left[row]
        verdict = "equal" if not left and not inferred else "not told" if left == wire[row] else "inferred" if not left else "partly"
        if left > allowed.get(row, 0) and row[:2] in explicit and not options.at_most:
            verdict = "MISSING"
            findings.append("%s: %d of %d not told" % (" ".join(row), left, wire[row]))
        figures[verdict] += 1
        print("%-10s %-8s %-7s %s  wire %3d  explicit %3d  inferred %3d  %s" % (*row, wire[row], exactly, inferred, verdict))
    for row, count in sorted(shares.too_many.items()):
        if count <= allowed.get(row[:4], 0):
            continue
        findings.append("%s: %d more than on the wire" % (" ".join(row), count))
    there_were, were_told = ends_of(wire, ends), ends_of(told, closes)
    for protocol, count in sorted(were_told.items()):
        if protocol != "unknown" and count > there_were[protocol]:
            findings.append("ends of connections of %s: %d told, %d on the wire" % (protocol, count, there_were[protocol]))
    if sum(were_told.values()) > sum(there_were.values()):
        findings.append("ends of connections: %d told, %d on the wire" % (sum(were_told.values()), sum(there_were.values())))
    print(
        "%d rows, %d codes on the wire: %s. told: %d explicit, %d inferred, %d too many. ends of connections: %d, %d told"
        % (
            len(wire),
            sum(wire.values()),
            ", ".join("%d %s" % (count, verdict) for verdict, count in sorted(figures.items())),
            sum(shares.told["explicit"].values()),
            sum(shares.told["inferred"].values()),
            sum(shares.too_many.values()),
            sum(there_were.values()),
            sum(were_told.values()),
        )
    )
    for finding in findings:
        print("FINDING " + finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
