"""The state folder: not to be written, full, taken by another instance."""

import os
import subprocess
import time

from exporter import Exporter
from process import NotRun, wait_until
from rotation_rows import log_in
from row import Outcome, Row
from writer import Log


def unwritable(run):
    """No folder can be made there, not even by root: it serves and counts on, and says so."""
    return without_state(run, "/proc/mqtt-reason-exporter", "not to be made")


# In a mount namespace of its own, which ends with the exporter.
FULL = 'mount -t tmpfs -o size=64k tmpfs "$1"; cat /dev/zero >"$1/filler" 2>/dev/null; shift; exec "$@"'


def full(run):
    """A file system of 64 KiB without a free byte."""
    state = os.path.join(run.folder, "full")
    os.mkdir(state)
    prefix = ("unshare", "--map-root-user", "--mount", "sh", "-c", FULL, "sh", state)
    attempt = subprocess.run([*prefix, "test", "-s", state + "/filler"], capture_output=True, text=True)
    if attempt.returncode != 0:
        raise NotRun(f"no tmpfs can be mounted: {' '.join(attempt.stderr.split())}")
    return without_state(run, state, "full", prefix)


def without_state(run, state, why, prefix=()):
    log = Log(log_in(run))
    exporter = Exporter(run.folder, log.path, state=state, prefix=prefix).start()
    log.write(1000)
    verdict = exporter.verdict(log.lines)
    scrape = exporter.scrape()
    failures = scrape.total("mqtt_reason_checkpoint_write_failures_total")
    durable = scrape.total("mqtt_reason_checkpoint_durable")
    said = state in exporter.last_words()
    code = exporter.stop()
    return Outcome(
        f"{why}: up {scrape.total('mqtt_reason_source_up'):g}, {verdict}, {failures:g} failures, durable {durable:g},"
        f" {'said' if said else 'not said'}, exit {code}",
        verdict.exact() and failures >= 1 and durable == 0 and said and code == 0,
    )


def two_instances(run):
    """The second one on the same state folder does not start."""
    log = Log(log_in(run))
    first = Exporter(run.folder, log.path).start()
    second = Exporter(run.folder, log.path, state=first.state, name="second")
    began = time.monotonic()
    second.launch()
    code = wait_until("the second instance ends", lambda: second.process.poll() is not None and [second.process.returncode])[0]
    seconds = time.monotonic() - began
    log.write(1000)
    verdict = first.verdict(log.lines)
    return Outcome(
        f"exit {code} after {seconds:.2f} s: {second.last_words()[-120:]}; the first: {verdict}",
        code != 0 and seconds < run.pick(3, 1) and verdict.exact(),
    )


ROWS = (
    Row("17", "state folder cannot be written", "serves and counts on, says so, errors counted", unwritable),
    Row("17b", "state folder full (tmpfs of 64 KiB)", "serves and counts on, says so, errors counted", full),
    Row("19", "two instances on one state folder", "second ends with an error within 1 s", two_instances),
)
