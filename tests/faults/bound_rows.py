# SPDX-License-Identifier: Apache-2.0
"""Everything has a bound: memory, descriptors, the length of a line, the time of a scrape."""

import os
import signal
import socket
import threading
import time

import oracle
from exporter import Exporter, Exposition, percentile
from process import Writer, wait_until
from rotation_rows import log_in
from row import Outcome, Row
from writer import Log, shift

MIB = 1 << 20


def backlog(run):
    """Gigabytes are there when it starts with a checkpoint at their beginning; it is scraped all the while."""
    path = log_in(run)
    open(path, "w").close()
    exporter = Exporter(run.directory, path).start_first()
    exporter.stop()
    exporter.start()
    exporter.scrape()
    base = exporter.memory("VmHWM")
    exporter.stop()

    numbers = 20000
    block = b"".join(oracle.line(number) for number in range(numbers))
    times = run.pick(256 * MIB, 4096 * MIB) // len(block)
    with open(path, "ab", buffering=0) as log:
        for _ in range(times):
            log.write(block)
    want = [times * count for count in oracle.truth(0, numbers)]
    size = os.path.getsize(path)

    began = time.monotonic()
    exporter.start()
    waits, counted = [], 0
    while counted < sum(want) and time.monotonic() - began < run.pick(30, 600):
        asked = time.monotonic()
        text = exporter.get("/metrics")
        waits.append(time.monotonic() - asked)
        counted = sum(Exposition.parse(text).counts())
        time.sleep(0.02)
    seconds = time.monotonic() - began
    verdict = oracle.judge(want, exporter.settle(want, quiet=0.3).counts())
    grown, anonymous = exporter.memory("VmHWM") - base, exporter.memory("RssAnon")
    slow = percentile(waits, 0.99)
    return Outcome(
        f"{size / 2**30:.2f} GiB: {verdict}; {size / seconds / 1e6:,.0f} MB/s; peak {grown / MIB:+.1f} MiB on {base / MIB:.1f}"
        f" (RssAnon {anonymous / MIB:.1f}); {len(waits)} scrapes, p99 {slow * 1000:.1f} ms",
        verdict.exact() and grown <= 16 * MIB and slow <= run.seconds(0.05),
    )


def many_clients(run):
    """A million client ids connect and are known by their connect lines."""
    path = log_in(run)
    clients = run.pick(50_000, 1_000_000)
    exporter = Exporter(run.directory, path).start()
    with open(path, "wb") as log:
        for number in range(1000):
            log.write(connects(number))
    wait_until("the first clients", lambda: accepted(exporter) == 1000)
    base = exporter.memory("VmHWM")
    with open(path, "ab") as log:
        for number in range(1000, clients):
            log.write(connects(number))
    wait_until("all clients", lambda: accepted(exporter) >= clients, seconds=300)
    time.sleep(0.3)
    grown, count = exporter.memory("VmHWM") - base, accepted(exporter)
    figure = f"{count:,} of {clients:,} clients, peak {grown / MIB:+.1f} MiB"
    return Outcome(figure, count == clients and grown <= 16 * MIB)


def connects(number):
    return (
        b"1795322239: New client connected from 127.0.0.1:%d as client-%d-of-a-fleet (p5, c1, k60, u'user').\n"
        b"1795322239: Sending CONNACK to client-%d-of-a-fleet (0, 0)\n"
    ) % (number % 50000 + 1024, number, number)


def accepted(exporter):
    return int(exporter.scrape().total("mqtt_reason_codes_total", packet="CONNACK", code="0x00", protocol="5.0"))


def long_lines(run):
    """Lines that are longer than the limit of 64 KiB are skipped and counted; the next one counts."""
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path).start()
    os.write(log.fd, b"y" * (64 * 1024 - 1) + b"\n")  # as long as may be
    log.write(1000)
    exporter.settle(oracle.truth(0, log.lines))
    base = exporter.memory("VmHWM")
    lengths = (64 * 1024 + 1, MIB, run.pick(64, 1024) * MIB)
    block = b"x" * MIB
    for length in lengths:
        while length > 0:
            length -= os.write(log.fd, block[:length])
        os.write(log.fd, b"\n")
        log.write(1000)
    verdict = exporter.verdict(log.lines, patience=120)
    dropped = exporter.scrape().total("mqtt_reason_source_record_errors_total", cause="oversized")
    grown = exporter.memory("VmHWM") - base
    longest = f"{lengths[-1] / MIB:,.0f} MiB"
    return Outcome(
        f"{verdict}, {dropped:g} of {len(lengths)} skipped, the longest {longest}, peak {grown / MIB:+.1f} MiB",
        verdict.exact() and dropped == len(lengths) and grown <= MIB,
    )


def few_descriptors(run):
    """32 descriptors and 100 connections that ask for nothing, while the log is rotated."""
    path = log_in(run)
    open(path, "w").close()
    exporter = Exporter(run.directory, path, prefix=("prlimit", "--nofile=32:32")).start()
    writer = Writer(path, rotation="create", seconds=run.pick(4, 20), every=run.pick(0.5, 1))
    idle, stop = [], threading.Event()

    def press():
        """Keeps 100 connections open; those that the exporter closes are replaced."""
        while not stop.is_set():
            idle[:] = [connection for connection in idle if not closed(connection)]
            while len(idle) < 100 and not stop.is_set():
                try:
                    idle.append(socket.create_connection(("127.0.0.1", exporter.port), timeout=1))
                except OSError:
                    break
            stop.wait(0.05)

    pressing = threading.Thread(target=press)
    pressing.start()
    try:
        written = writer.result()
    finally:
        stop.set()
        pressing.join()
        held = len(idle)
        for connection in idle:
            connection.close()
    verdict = exporter.verdict(written["lines"])
    return Outcome(f"{verdict}, {written['rotations']} rotations, {held} connections held", verdict.exact())


def stopped_without_descriptors(run):
    """SIGTERM to 50 brokers that have 70 descriptors for their 50 logs and 50 connections."""
    config = os.path.join(run.directory, "exporter.yaml")
    with open(config, "w", encoding="utf-8") as file:
        file.write("brokers:\n")
        for number in range(50):
            log = os.path.join(run.directory, f"{number}.log")
            open(log, "w").close()
            sources = f'{{name: log, log: {{path: "{log}"}}}}, {{name: events, mqtt: {{url: "mqtt://127.0.0.1:9"}}}}'
            file.write(f"  - {{name: b{number}, profile: mosquitto, sources: [{sources}]}}\n")
    exporter = Exporter(run.directory, None, f"--config.file={config}", prefix=("prlimit", "--nofile=70:70"), state="none").launch()
    wait_until("its page is open, though it cannot accept a connection", lambda: "serving http" in exporter.last_words(1 << 20))
    began = time.monotonic()
    exporter.process.send_signal(signal.SIGTERM)
    status = exporter.process.wait(timeout=60)
    seconds = time.monotonic() - began
    return Outcome(f"{seconds:.1f} s, exit {status}", seconds <= run.seconds(2) and status == 0)


def closed(connection):
    connection.setblocking(False)
    try:
        return connection.recv(4096) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def many_files(run):
    """A glob with 1,000 files, some of which are rotated or new all the time."""
    count = run.pick(200, 1000)
    directory = os.path.dirname(log_in(run))
    names = [os.path.join(directory, f"broker-{number:04}.log") for number in range(count)]
    for name in names:
        open(name, "w").close()
    exporter = Exporter(run.directory, os.path.join(directory, "*.log")).start()
    number, most, fresh, given_up = 0, 0, set(), []
    for _ in range(run.pick(4, 20)):
        for name in names:
            with open(name, "ab", buffering=0) as log:
                log.write(b"".join(oracle.line(n) for n in range(number, number + 5)))
            number += 5
        for name in run.random.sample([name for name in names if name not in fresh], count // 20):
            shift(name)
            os.rename(name, name + ".1")
        for name in filter(os.path.exists, given_up):
            os.unlink(name)
        fresh.clear()
        given_up.clear()
        for place in run.random.sample(range(count), count // 20):  # a file that is given up, and one with a new name
            given_up.append(names[place])
            names[place] = os.path.join(directory, f"broker-{number:07}-{place}.log")
            fresh.add(names[place])
        most = max(most, exporter.descriptors())
        time.sleep(run.pick(0.8, 1))
    verdict = exporter.verdict(number)
    return Outcome(f"{verdict}, {count:,} files, at most {most:,} descriptors", verdict.exact() and most <= 1024)


ROWS = (
    Row("28", "32 descriptors, 100 idle connections, rotated", "0 lost, 0 repeated", few_descriptors, times=3),
    Row(
        "31",
        "lines of 64 KiB + 1, 1 MiB, 1 GiB",
        "skipped and counted, the next exact, at most +1 MiB",
        long_lines,
        alone=True,
    ),
    Row(
        "33",
        "backlog of 4 GiB after a checkpoint",
        "exact, at most base + 16 MiB, scrape p99 at most 50 ms",
        backlog,
        alone=True,
    ),
    Row("36", "1,000 files by glob, with churn", "0 lost, 0 repeated, at most 1,024 descriptors", many_files),
    Row("46", "1 million client ids", "exact, at most base + 16 MiB", many_clients, alone=True),
    Row("82c", "SIGTERM to 50 brokers with 70 descriptors", "exit 0 within 2 s", stopped_without_descriptors, alone=True),
)
