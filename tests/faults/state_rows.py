# SPDX-License-Identifier: Apache-2.0
"""The state directory: not to be written, full, taken by another instance."""

import os
import subprocess
import time
import zlib

import oracle
from exporter import Exporter
from process import NotRun, wait_until
from rotation_rows import log_in
from row import Outcome, Row
from writer import Log


def unwritable(run):
    """No directory can be made there, not even by root: it serves and counts on, and says so."""
    return without_state(run, "/proc/mqtt-reason-exporter", 0)


# In a mount namespace of its own, which ends with the exporter.
FULL = 'mount -t tmpfs -o size=64k tmpfs "$1"; cat /dev/zero >"$1/filler" 2>/dev/null; shift; exec "$@"'


def full(run):
    """A file system of 64 KiB without a free byte."""
    state = os.path.join(run.directory, "full")
    os.mkdir(state)
    prefix = ("unshare", "--map-root-user", "--mount", "sh", "-c", FULL, "sh", state)
    attempt = subprocess.run([*prefix, "test", "-s", state + "/filler"], capture_output=True, text=True)
    if attempt.returncode != 0:
        raise NotRun(f"no tmpfs can be mounted: {' '.join(attempt.stderr.split())}")
    return without_state(run, state, 1, prefix)


def without_state(run, state, least_failures, prefix=()):
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path, state=state, prefix=prefix).start()
    log.write(1000)
    verdict = exporter.verdict(log.lines)
    scrape = exporter.scrape()
    failures = scrape.total("mqtt_reason_checkpoint_write_failures_total")
    durable = scrape.total("mqtt_reason_checkpoint_durable")
    said = state in exporter.last_words(4000)
    code = exporter.stop()
    return Outcome(
        f"up {scrape.total('mqtt_reason_source_up'):g}, {verdict}, {failures:g} failures, durable {durable:g},"
        f" {'said' if said else 'not said'}, exit {code}",
        verdict.exact() and failures >= least_failures and durable == 0 and said and code == 0,
    )


def two_instances(run):
    """The second one on the same state directory does not start."""
    log = Log(log_in(run))
    first = Exporter(run.directory, log.path).start()
    second = Exporter(run.directory, log.path, state=first.state, name="second")
    began = time.monotonic()
    second.launch()
    code = wait_until("the second instance ends", lambda: second.process.poll() is not None and [second.process.returncode])[0]
    seconds = time.monotonic() - began
    log.write(1000)
    verdict = first.verdict(log.lines)
    return Outcome(
        f"exit {code} after {seconds:.2f} s: {second.last_words()[-120:]}; the first: {verdict}",
        code != 0 and seconds < run.seconds(1) and verdict.exact(),
    )


def generations(exporter):
    """The files that hold its checkpoint, the newest first."""
    files = [os.path.join(exporter.state, name) for name in os.listdir(exporter.state) if name[-2:] in (".0", ".1")]
    return sorted(files, key=lambda path: os.stat(path).st_mtime_ns, reverse=True)


def damage(path, how, random):
    """As a disk or an operator might."""
    size = os.path.getsize(path)
    if how == "cut":
        os.truncate(path, random.randrange(size))
    elif how == "zeroed":
        with open(path, "r+b") as file:
            file.write(bytes(size))
    elif how == "flipped":
        with open(path, "r+b") as file:
            place = random.randrange(size)
            file.seek(place)
            byte = file.read(1)[0] ^ (1 << random.randrange(8))
            file.seek(place)
            file.write(bytes([byte]))
    else:
        os.unlink(path)


def damaged(run):
    """The newest generation is damaged after a SIGKILL: the previous one has counters and position, so nothing is missing."""
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path).start_first()
    log.write(100)
    exporter.settle(oracle.truth(0, log.lines), quiet=0.1)
    times = run.pick(12, 200)
    for number in range(times):
        log.write(20)
        exporter.settle(oracle.truth(0, log.lines), quiet=0.1)
        exporter.kill()
        damage(generations(exporter)[0], ("cut", "zeroed", "flipped", "gone")[number % 4], run.random)
        exporter.start()
    verdict = exporter.verdict(log.lines)
    return Outcome(f"{verdict}, {times} times", verdict.exact())


def both_damaged(run):
    """No generation is good: it starts again at 0, and says so."""
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path).start()
    wrong, times = 0, run.pick(4, 40)
    for number in range(times):
        log.write(100)
        exporter.scrape()
        exporter.kill()
        for path in generations(exporter):
            damage(path, ("cut", "zeroed", "flipped")[number % 3], run.random)
        exporter.start()
        scrape = exporter.scrape()
        wrong += sum(scrape.counts()) != 0 or scrape.total("mqtt_reason_checkpoint_rejected_total", cause="damaged") < 1
    return Outcome(f"{wrong} of {times} starts with anything but 0, or unsaid", wrong == 0)


def newer_version(run):
    """As if a later exporter had written it: started again, and logged."""
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path).start()
    log.write(100)
    exporter.settle(oracle.truth(0, log.lines), quiet=0.1)
    exporter.stop()
    for path in generations(exporter):
        with open(path, "r+b") as file:  # "MREstate", version, ..., CRC-32, in words of eight bytes
            content = bytearray(file.read()[:-8])
            content[8] += 1
            file.seek(0)
            file.write(content + zlib.crc32(content).to_bytes(8, "little"))
    exporter.start()
    scrape = exporter.scrape()
    refused = scrape.total("mqtt_reason_checkpoint_rejected_total", cause="newer_version")
    code = exporter.stop()
    return Outcome(
        f"{sum(scrape.counts())} counted at the start, {refused:g} refused, exit {code}",
        sum(scrape.counts()) == 0 and refused >= 1 and code == 0,
    )


ROWS = (
    Row("15", "newest state file cut, zeroed, flipped or gone after SIGKILL", "0 lost, 0 repeated", damaged),
    Row("15b", "both state files damaged", "begins at 0 and says so", both_damaged),
    Row("18", "state of a newer version", "begins at 0 and says so, exit 0", newer_version),
    Row("17", "state directory cannot be written", "serves and counts, and says that nothing is stored", unwritable),
    Row("17b", "state directory full (tmpfs of 64 KiB)", "serves and counts, says so, and counts the errors", full),
    Row("19", "two instances on one state directory", "second ends with an error within 1 s", two_instances),
)
