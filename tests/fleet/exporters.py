#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""exporters.py PORT EXPOSITION: serves any number of exporters, made from the exposition of a real one.

/N/metrics is exporter N. Its broker is called broker-N, its sources are up, and its counters rise from the start of this program
on. All brokers have clients that connect, disconnect and publish. Brokers 0, 3, 6, … refuse many logins; 4, 7, 10, … have some
errors; 1 has every error; 5 accepts no client. What N serves depends only on N and the time."""

import http.server
import re
import socket
import sys
import time
import zlib

LINE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$")
START = time.time()
EVENTS = (
    "mqtt_reason_codes_total",
    "mqtt_reason_closes_without_code_total",
    "mqtt_reason_denials_without_code_total",
    "mqtt_reason_shadow_codes_total",
)
OTHERS = {"mqtt_reason_source_records_total": 40.0, "process_cpu_seconds_total": 0.002}


def per_second(n, name, labels):
    """How fast this counter of exporter N rises."""
    chance = zlib.crc32(f"{n} {name} {labels}".encode()) % 1000 / 1000
    if name in EVENTS:
        if n == 5 and 'packet="CONNACK",direction="sent"' in labels:
            return 1.0 if 'reason="not_authorized"' in labels else 0.0
        if 'class="error"' not in labels:
            return 2.0 * chance
        if n % 3 == 0 and 'packet="CONNACK"' in labels and 'reason="not_authorized"' in labels:
            return 1.0
        return 1.0 if n == 1 else 0.05 * chance if n % 3 == 1 and chance < 0.1 else 0.0
    if 'outcome="malformed"' in labels or 'outcome="unrecognised"' in labels:
        return 0.01
    return OTHERS.get(name, 0.0)


def rows(exposition):
    """The lines, as they are; of samples the name, labels and value."""
    for line in exposition.splitlines():
        sample = LINE.match(line)
        yield line, sample and (sample[1], sample[2] or "", float(sample[3]))


def exposition_of(n, template, now):
    lines = []
    for line, sample in template:
        if sample:
            name, labels, value = sample
            own = labels.replace('broker="BROKER"', f'broker="broker-{n}"')
            if name == "mqtt_reason_source_up":
                value = 1.0
            elif name.endswith("_timestamp_seconds"):
                value = now
            else:
                value += int(per_second(n, name, labels) * (now - START)) if name.endswith("_total") else 0
            line = f"{name}{{{own}}} {value:.17g}" if own else f"{name} {value:.17g}"
        lines.append(line)
    return "\n".join(lines).encode() + b"\n"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    template = []

    def do_GET(self):
        asked = re.fullmatch(r"/(\d+)/metrics", self.path)
        body = exposition_of(int(asked[1]), self.template, time.time()) if asked else b"/N/metrics\n"
        self.send_response(200 if asked else 404)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def setup(self):
        super().setup()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    with open(sys.argv[2]) as exposition:
        Handler.template = list(rows(exposition.read()))
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
