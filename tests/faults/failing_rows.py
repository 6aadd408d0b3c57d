# SPDX-License-Identifier: Apache-2.0
"""A disk that gives errors (see failing_calls.cc), for the log and for the state."""

import os
import shutil
import subprocess
import time

import oracle
from exporter import Exporter
from process import HERE, NotRun, Writer, wait_until
from rotation_rows import log_in
from row import Outcome, Row
from writer import Log


def failing(run, **under):
    """(environment for the exporter, path of the switch that lets calls fail)."""
    compiler = shutil.which("c++")
    if not compiler:
        raise NotRun("no compiler")
    library = os.path.join(run.directory, "failing_calls.so")
    source = os.path.join(HERE, "failing_calls.cc")
    subprocess.run([compiler, "-std=c++20", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    switch = os.path.join(run.directory, "failing")
    return {"LD_PRELOAD": library, "FAILING_SWITCH": switch, **under}, switch


def log_errors(run):
    """Reads of the log fail for a while, again and again, while it is rotated."""
    log = log_in(run)
    open(log, "w").close()
    environment, switch = failing(run, FAILING_READ=os.path.dirname(log))
    exporter = Exporter(run.directory, log, environment=environment).start()
    writer = Writer(log, rotation="create", seconds=run.pick(5, 20), every=1)
    times = run.pick(3, 12)
    for _ in range(times):
        time.sleep(run.random.uniform(0.3, 0.8))
        open(switch, "w").close()
        wait_until("it says that it cannot read", lambda: exporter.scrape().total("mqtt_reason_source_up") == 0)
        os.unlink(switch)
    verdict = exporter.verdict(writer.result()["lines"])
    return Outcome(f"{verdict}, {times} times", verdict.exact())


def state_errors(run):
    """fsync fails for a while, and the exporter is killed then: what it starts with is never below what was scraped."""
    log = Log(log_in(run))
    state = os.path.join(run.directory, "state")
    os.mkdir(state)
    environment, switch = failing(run, FAILING_SYNC=state)
    exporter = Exporter(run.directory, log.path, environment=environment, state=state).start()
    log.write(1000)
    exporter.settle(oracle.truth(0, log.lines), quiet=0.1)
    open(switch, "w").close()
    log.write(1000)
    scrape = exporter.settle(oracle.truth(0, log.lines), quiet=1.5)
    up, errors = scrape.total("mqtt_reason_source_up"), scrape.total("mqtt_reason_checkpoint_write_failures_total")
    before = scrape.counts()
    exporter.kill()
    os.unlink(switch)
    exporter.start()
    after = exporter.scrape().counts()
    # Either it continues above what was scraped, or it starts at 0: anything between would add the whole counter once more.
    reset = all(value == 0 for value in after)
    kept = all(value >= last for value, last in zip(after, before))
    return Outcome(
        f"up {up:g}, {errors:g} errors, after the kill {'reset to 0' if reset else 'kept' if kept else 'below the scrape'}",
        up == 1 and errors >= 1 and (reset or kept),
    )


ROWS = (
    Row("17c", "fsync of the state fails (EIO), then SIGKILL", "up 1, errors counted, never below a scrape but 0", state_errors),
    Row("27", "EIO when the log is read", "continues, 0 lost, 0 repeated", log_errors, times=3),
)
