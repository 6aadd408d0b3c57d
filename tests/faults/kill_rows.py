# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at any moment, while the log is written and rotated: the counters end equal to the log, and so does the increase
that a Prometheus computes which scraped throughout."""

import grp
import os
import pwd
import shutil
import subprocess
import time

import oracle
from exporter import Exporter
from process import NotRun, Writer
from prometheus import Prometheus
from rotation_rows import log_in
from row import Outcome, Row
from writer import Log, Nocreate, pack, shift


def judged(exporter, prometheus, lines, what):
    """The outcome of a run: what the exporter says, and what Prometheus makes of it."""
    verdict = exporter.verdict(lines)
    want = oracle.truth(0, lines)
    if not verdict.exact():
        return Outcome(f"{verdict}, {what}", False)
    prometheus.wait_for_last(want)
    increase, resets = prometheus.verdict(want)
    return Outcome(f"{verdict}, {what}; increase: {increase}, {resets} resets", increase.exact() and resets == 0)


def three_kills(run):
    """Killed three times, away for a second each."""
    log = log_in(run)
    open(log, "w").close()
    exporter = Exporter(run.directory, log).start_first()
    prometheus = Prometheus(run.directory, exporter, run.pick("200ms", "1s"))
    seconds = run.pick(6, 20)
    writer = Writer(log, rotation="create", seconds=seconds, every=run.pick(0.7, 1))
    for _ in range(3):
        time.sleep(seconds / 5)
        exporter.kill()
        time.sleep(run.pick(0.5, 1))
        exporter.start()
    return judged(exporter, prometheus, writer.result()["lines"], "3 kills")


def random_kills(run):
    """Killed at random moments after its start, sometimes before it serves, sometimes right after a scrape."""
    log = log_in(run)
    open(log, "w").close()
    exporter = Exporter(run.directory, log).start_first()
    prometheus = Prometheus(run.directory, exporter, run.pick("200ms", "1s"))
    kills = run.pick(12, 100)
    writer = Writer(log, rotation="create", seconds=run.pick(7, 100), every=1)
    done, scraped, below = 0, exporter.scrape(), 0
    while done < kills and writer.running():
        if run.random.random() < 0.2:  # before it serves
            time.sleep(run.random.uniform(0, 0.05))
        else:
            exporter.wait_until_it_serves()
            time.sleep(run.random.uniform(0, run.pick(0.6, 1.3)))
            if run.random.random() < 0.5:
                now = exporter.scrape()
                below += now.below(scraped)
                scraped = now
        exporter.kill()
        exporter.launch()
        done += 1
    exporter.wait_until_it_serves()
    outcome = judged(exporter, prometheus, writer.result()["lines"], f"{done} kills, {below} below a scrape")
    return Outcome(outcome.figure, outcome.good and below == 0 and done == kills)


def killed_after_scrape(run):
    """Killed right after an answer, before the checkpoint of the next second: no scrape ever falls below that answer."""
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path).start_first()
    kills, last, error = run.pick(8, 60), exporter.scrape(), 0
    for _ in range(kills):
        log.write(run.random.randint(1, 400))
        time.sleep(run.random.uniform(0, 0.1))
        answer = exporter.scrape()
        exporter.kill()
        exporter.start()
        first = exporter.scrape()
        error += answer.below(last) + first.below(answer)
        last = first
    verdict = exporter.verdict(log.lines)
    return Outcome(f"{verdict}, {kills} kills, {error} below a scrape", verdict.exact() and error == 0)


def between_rename_and_reopen(run):
    """Killed when the log has been renamed and the broker still writes to the old file."""
    log = Log(log_in(run))
    rotation = Nocreate(log, 0)
    exporter = Exporter(run.directory, log.path).start_first()
    times = run.pick(6, 20)
    for _ in range(times):
        log.write(200)
        time.sleep(run.random.uniform(0, 0.2))
        rotation.rotate()
        log.write(50)
        exporter.kill()
        log.write(50)
        log.reopen()
        log.write(run.random.choice((0, 100)))
        exporter.start()
    verdict = exporter.verdict(log.lines)
    return Outcome(f"{verdict}, {times} kills", verdict.exact())


def packed_while_away(run):
    """Rotated to .1.gz, twice, while the exporter is down: read to its end from the packed files."""
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path).start_first()
    times = run.pick(3, 20)
    for _ in range(times):
        log.write(1000)
        time.sleep(run.random.uniform(0, 0.3))
        exporter.kill()
        for _ in range(2):
            log.write(1000)
            shift(log.path, ".gz")
            os.rename(log.path, log.path + ".1")
            log.reopen()
            pack(log.path + ".1")
        log.write(500)
        exporter.start()
    verdict = exporter.verdict(log.lines)
    return Outcome(f"{verdict}, {times} kills with 2 rotations each", verdict.exact())


# As Debian's mosquitto ships it (/etc/logrotate.d/mosquitto), with this run's path and broker.
LOGROTATE = """{log} {{
  rotate 30
  size 100k
  compress
  nocreate
  missingok
  su {user} {group}
  postrotate
    touch {directory}/reload
  endscript
}}
"""


def real_logrotate(run):
    """Debian's logrotate with the configuration of its mosquitto: while the exporter runs, and while it is down."""
    logrotate = shutil.which("logrotate")
    if not logrotate:
        raise NotRun("logrotate is not installed")
    log = Log(log_in(run))
    config = os.path.join(run.directory, "logrotate.conf")
    with open(config, "w") as file:
        user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
        file.write(LOGROTATE.format(log=log.path, directory=run.directory, user=user, group=group))
    os.chmod(config, 0o644)
    reload = os.path.join(run.directory, "reload")

    def rotate():
        """As the broker does: lines go to the old file until the signal comes."""
        state = os.path.join(run.directory, "logrotate.state")
        running = subprocess.Popen([logrotate, "-s", state, config], stderr=subprocess.DEVNULL)
        while running.poll() is None:
            log.write(2)
            if os.path.exists(reload):
                os.unlink(reload)
                log.reopen()
            time.sleep(0.001)
        if running.returncode != 0:
            raise NotRun(f"logrotate failed with {running.returncode}")
        if os.path.exists(reload):
            os.unlink(reload)
            log.reopen()

    exporter = Exporter(run.directory, log.path).start_first()
    times = run.pick(2, 10)
    for _ in range(times):
        log.write(4000)
        rotate()
        log.write(4000)
        time.sleep(0.1)
        exporter.kill()
        rotate()
        log.write(100)
        exporter.start()
    packed = len([name for name in os.listdir(os.path.dirname(log.path)) if name.endswith(".gz")])
    verdict = exporter.verdict(log.lines)
    return Outcome(f"{verdict}, {packed} packed files, {times} kills", verdict.exact() and packed == 2 * times)


def terminated(run):
    """SIGTERM under load: it ends well, soon, and nothing is lost."""
    log = log_in(run)
    open(log, "w").close()
    exporter = Exporter(run.directory, log).start_first()
    times = run.pick(4, 20)
    writer = Writer(log, rotation="create", seconds=run.pick(4, 20), every=1)
    codes, slowest = set(), 0.0
    for _ in range(times):
        time.sleep(run.random.uniform(0, 0.5))
        began = time.monotonic()
        codes.add(exporter.stop())
        slowest = max(slowest, time.monotonic() - began)
        exporter.start()
    verdict = exporter.verdict(writer.result()["lines"])
    return Outcome(
        f"{verdict}, {times} times, exit {codes}, slowest {slowest:.2f} s",
        verdict.exact() and codes == {0} and slowest < run.seconds(2),
    )


NOTHING = "0 lost, 0 repeated; increase exact, 0 resets"

ROWS = (
    Row("11b", "rotated to .1.gz while it is down", "0 lost, 0 repeated", packed_while_away, times=3),
    Row("11c", "Debian's logrotate, running and down", "0 lost, 0 repeated", real_logrotate, times=3),
    Row("12", "SIGKILL between rename and reopening", "0 lost, 0 repeated", between_rename_and_reopen, times=3),
    Row("13", "SIGKILL three times, 1 s down, rotated; Prometheus scrapes", NOTHING, three_kills, times=3),
    Row("14", "SIGKILL 100 times at random, rotated; Prometheus scrapes", NOTHING, random_kills, times=3),
    Row("16", "SIGKILL right after a scrape", "0 lost, 0 repeated, never below a scrape", killed_after_scrape, times=3),
    Row("82", "SIGTERM under load", "0 lost, 0 repeated, exit 0 within 2 s", terminated, times=3),
)
