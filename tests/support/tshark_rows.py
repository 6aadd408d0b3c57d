#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reason codes of a capture as Wireshark decodes them.

    tshark_rows.py FILE.pcap --port 1883

Prints sorted rows "PACKET direction protocol code count", direction as the broker sees it. A packet of MQTT 5 without its
byte means 0x00: tshark shows the packet and no code.
"""

import argparse
import collections
import subprocess
import sys

import mqtt_wire

# Packet: the field of its code in MQTT 5, and in 3.x. Names since Wireshark 3.4.
CODES = {
    "CONNACK": ("mqtt.connack.reason_code", "mqtt.conack.val"),
    "PUBACK": ("mqtt.puback.reason_code", None),
    "PUBREC": ("mqtt.pubrec.reason_code", None),
    "PUBREL": ("mqtt.pubrel.reason_code", None),
    "PUBCOMP": ("mqtt.pubcomp.reason_code", None),
    "SUBACK": ("mqtt.suback.reason_code", "mqtt.suback.qos"),
    "UNSUBACK": ("mqtt.unsuback.reason_code", None),
    "DISCONNECT": ("mqtt.disconnect.reason_code", None),
    "AUTH": ("mqtt.auth.reason_code", None),
}
ALWAYS = {"CONNACK", "SUBACK", "UNSUBACK"}  # have their byte
FIELDS = ["tcp.stream", "tcp.dstport", "mqtt.msgtype", "mqtt.ver"] + [field for pair in CODES.values() for field in pair if field]


def command(path, port):
    words = ["tshark", "-n", "-r", path, "-d", "tcp.port==%d,mqtt" % port, "-Y", "mqtt", "-T", "fields", "-E", "occurrence=a"]
    words += ["-o", "tcp.reassemble_out_of_order:TRUE"]
    for field in FIELDS:
        words += ["-e", field]
    return words


def numbers(text):
    return [int(number, 0) for number in text.split(",")] if text else []


def rows_of(lines, port):
    rows, protocols = collections.Counter(), {}
    for line in lines:
        cells = dict(zip(FIELDS, line.rstrip("\n").split("\t")))
        stream = cells["tcp.stream"]
        if cells["mqtt.ver"] and stream not in protocols:
            protocols[stream] = mqtt_wire.PROTOCOLS.get(numbers(cells["mqtt.ver"])[0], "unknown")
        protocol = protocols.get(stream, "unknown")
        direction = "received" if cells["tcp.dstport"] == str(port) else "sent"
        kinds = collections.Counter(mqtt_wire.NAMES.get(kind) for kind in numbers(cells["mqtt.msgtype"]))
        for packet, (field, old_field) in CODES.items():
            field = field if protocol == "5.0" else old_field
            codes = numbers(cells[field]) if field else []
            if field and packet not in ALWAYS:
                codes += [0x00] * (kinds[packet] - len(codes))
            for code in codes:
                rows[packet, direction, protocol, "0x%02X" % code] += 1
    return rows


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("capture")
    arguments.add_argument("--port", type=int, required=True)
    options = arguments.parse_args()
    with subprocess.Popen(command(options.capture, options.port), stdout=subprocess.PIPE, text=True) as tshark:
        rows = rows_of(tshark.stdout, options.port)
    sys.stdout.writelines(sorted(" ".join((*row, str(count))) + "\n" for row, count in rows.items()))
    return tshark.returncode


if __name__ == "__main__":
    sys.exit(main())
