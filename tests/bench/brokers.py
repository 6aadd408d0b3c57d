#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""brokers.py EXPORTER [COUNT...]   What one process with 1, 10 and 50 brokers needs, per kind of source.

Each broker is a mosquitto of its own on loopback; the exporter reads its debug log, subscribes to its events, captures its
packets, or does all three. Prints a table in Markdown. Fails if a source does not come up or a code is not counted.
Captures need root, and are left out without it."""
import http.client
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

BASE = 31000  # the first broker's port
PORT = 30999
PATIENCE = 60
KINDS = {
    "log": ["log"],
    "mqtt": ["mqtt"],
    "capture": ["capture"],
    "all three": ["log", "mqtt", "capture"],
}


def source(kind, work, port):
    return {
        "log": f"{{name: log, log: {{path: {work}/{port}.log}}}}",
        "mqtt": f'{{name: mqtt, mqtt: {{url: "mqtt://127.0.0.1:{port}", qos: 0}}}}',
        "capture": f"{{name: capture, capture: {{interface: lo, ports: [{port}]}}}}",
    }[kind]


def fetch(path):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def total(text, metric, *labels):
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if line.startswith(metric + "{") and all(label in line for label in labels))


def wait_for(what, condition):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.005)
    sys.exit(f"after {PATIENCE} s there is not {what}")


def start_brokers(work, count):
    brokers = []
    for port in range(BASE, BASE + count):
        conf = work / f"{port}.conf"
        log = work / f"{port}.log"
        log.touch()
        conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nlog_dest file {log}\nlog_dest topic\nuser root\n"
                        + "".join(f"log_type {t}\n" for t in ("error", "warning", "notice", "information", "debug")))
        brokers.append(subprocess.Popen(["mosquitto", "-c", str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    for port in range(BASE, BASE + count):
        wait_for(f"a broker on port {port}", lambda: " running" in (work / f"{port}.log").read_text())
    return brokers


def measure(exporter, work, kinds, count):
    """A row of figures of an exporter whose sources are all up and which has counted a code of each broker."""
    config = work / "exporter.yaml"
    config.write_text("state: {dir: none}\nbrokers:\n" + "".join(
        f"  - name: b{port}\n    profile: mosquitto\n    sources:\n"
        + "".join(f"      - {source(kind, work, port)}\n" for kind in kinds)
        for port in range(BASE, BASE + count)))
    began = time.monotonic()
    process = subprocess.Popen([exporter, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{PORT}"],
                               stdout=subprocess.DEVNULL, stderr=open(work / "exporter.log", "w"))
    try:
        wait_for("an answer", lambda: fetch("/-/healthy"))
        answering = time.monotonic() - began
        wait_for("every source up", lambda: total(fetch("/metrics"), "mqtt_reason_source_up") == count * len(kinds))
        up = time.monotonic() - began
        for port in range(BASE, BASE + count):
            subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-V", "mqttv5", "-q", "1", "-t", "unheard", "-m", "1"],
                           check=True, stderr=subprocess.DEVNULL)
        # The events are of connections; the code of PUBACK is in the log and on the wire.
        labels = ['packet="CONNACK"'] if kinds == ["mqtt"] else ['packet="PUBACK"', 'code="0x10"']
        wait_for("a code of each broker", lambda: total(fetch("/metrics"), "mqtt_reason_codes_total", *labels) >= count)
        scrapes = []
        for _ in range(20):
            start = time.monotonic()
            text = fetch("/metrics")
            scrapes.append(time.monotonic() - start)
        proc = pathlib.Path(f"/proc/{process.pid}")
        status = dict(re.findall(r"^(\w+):\s*(\d+)", (proc / "status").read_text(), re.M))
        descriptors = len(list((proc / "fd").iterdir()))
    finally:
        process.send_signal(signal.SIGTERM)
        stop = time.monotonic()
        process.wait(timeout=60)
        stopped = time.monotonic() - stop
    series = sum(1 for line in text.splitlines() if line and not line.startswith("#"))
    return (descriptors, status["Threads"], f"{int(status['VmRSS']) / 1024:.0f}", f"{answering:.2f}", f"{up:.2f}",
            f"{statistics.median(scrapes) * 1000:.0f}", f"{series:,}", f"{stopped:.2f}")


def main():
    os.environ["PATH"] += ":/usr/sbin"
    exporter = sys.argv[1]
    counts = [int(c) for c in sys.argv[2:]] or [1, 10, 50]
    print("| sources | brokers | descriptors | threads | memory, MiB | serves after, s | all up after, s | scrape, ms | series | stops in, s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for count in counts:
        with tempfile.TemporaryDirectory() as directory:
            work = pathlib.Path(directory)
            brokers = start_brokers(work, count)
            try:
                for name, kinds in KINDS.items():
                    if "capture" in kinds and os.geteuid() != 0:
                        continue
                    print("|", " | ".join(map(str, (name, count, *measure(exporter, work, kinds, count)))), "|", flush=True)
            finally:
                for broker in brokers:
                    broker.kill()
                    broker.wait()


main()
