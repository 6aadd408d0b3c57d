# SPDX-License-Identifier: Apache-2.0
"""What is at the log's path: rewritten, with holes, not readable, not there yet, not a file."""

import os
import subprocess
import time

import oracle
from exporter import Exporter, percentile
from process import NotRun, Writer, wait_until
from rotation_rows import log_in
from row import Outcome, Row
from without_inotify import denying
from writer import Log


def regrown(run):
    """Truncated while the exporter is stopped, and longer than before when it looks again."""
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path).start()
    times = run.pick(3, 20)
    for number in range(times):
        log.write(1000)
        exporter.settle(oracle.truth(0, log.lines), quiet=0.1)
        exporter.pause()
        os.truncate(log.path, 0)
        log.write(1500 + 100 * number)
        exporter.resume()
        exporter.settle(oracle.truth(0, log.lines), quiet=0.1)
        os.truncate(log.path, 0)
        wait_until("the truncation is seen", lambda: exporter.scrape().total("mqtt_reason_log_lag_bytes") == 0)
        time.sleep(run.random.uniform(0.3, 0.6))  # row 6 is about a truncation that is met by a writer
    verdict = exporter.verdict(log.lines)
    return Outcome(f"{verdict}, {times} times", verdict.exact())


def hole(run):
    """The broker continues at its old offset after a truncation: its next line follows NUL bytes."""
    log = Log(log_in(run), append=False)
    exporter = Exporter(run.directory, log.path).start()
    times = run.pick(3, 20)
    for _ in range(times):
        log.write(1000)
        exporter.settle(oracle.truth(0, log.lines), quiet=0.1)
        os.truncate(log.path, 0)
        log.write(1000)
    verdict = exporter.verdict(log.lines)
    return Outcome(f"{verdict}, {times} holes of up to {os.path.getsize(log.path):,} bytes", verdict.exact())


def another_uid(run):
    """Mode 0600 of another user, then put right: read from its beginning within 2 s."""
    if os.geteuid() != 0:
        raise NotRun("needs root")
    log = Log(log_in(run))
    os.chmod(log.path, 0o600)
    log.write(100)
    nobody = ("setpriv", "--pdeathsig=KILL", "--reuid=65534", "--regid=65534", "--clear-groups")
    state = os.path.join(run.directory, "state")
    os.mkdir(state)
    os.chown(state, 65534, 65534)
    exporter = Exporter(run.directory, log.path, "--log.from=beginning", prefix=nobody, state=state).start()
    up = exporter.scrape().total("mqtt_reason_source_up")
    log.write(100)
    os.chmod(log.path, 0o644)
    began = time.monotonic()
    wait_until("it is readable", lambda: exporter.scrape().total("mqtt_reason_source_up") == 1)
    seconds = time.monotonic() - began
    log.write(100)
    verdict = exporter.verdict(log.lines)
    good = up == 0 and seconds <= run.seconds(2)
    return Outcome(f"up {up:g}, readable after {seconds:.1f} s, {verdict}", good and verdict.exact())


def later_folder(run):
    """The log's directory is made after the start."""
    path = os.path.join(run.directory, "later", "mosquitto", "mosquitto.log")
    exporter = Exporter(run.directory, path).start()
    up = exporter.scrape().total("mqtt_reason_source_up")
    os.makedirs(os.path.dirname(path))
    log = Log(path)
    log.write(1)
    began = time.monotonic()
    wait_until("the first line is counted", lambda: sum(exporter.scrape().counts()) == 1)
    seconds = time.monotonic() - began
    log.write(999)
    verdict = exporter.verdict(log.lines)
    good = up == 0 and seconds <= run.seconds(1)
    return Outcome(f"up {up:g}, first line after {seconds:.2f} s, {verdict}", good and verdict.exact())


def no_file(run):
    """A directory, devices: it serves at once, and says what is wrong. A file of /proc is as empty as it says. A FIFO streams."""
    fifo = os.path.join(run.directory, "fifo")
    os.mkfifo(fifo)
    directory = os.path.join(run.directory, "directory")
    os.mkdir(directory)
    figures, good = [], True
    for path in (directory, "/dev/zero", "/dev/null", "/dev/tty", "/proc/self/mem"):
        exporter = Exporter(run.directory, path, name="no-file")
        began = time.monotonic()
        exporter.start()
        scrape = exporter.scrape()
        seconds = time.monotonic() - began
        up = scrape.total("mqtt_reason_source_up")
        said = any(path in line and ": reads " not in line for line in exporter.log_lines())
        figures.append(f"{os.path.basename(path)} up {up:g} in {seconds:.1f} s")
        good = good and seconds <= run.seconds(1) and said and (up == 0 or path.startswith("/proc"))
        exporter.stop()
    exporter = Exporter(run.directory, fifo, name="fifo").start()
    with open(fifo, "wb", buffering=0) as stream:
        for number in range(1000):
            stream.write(oracle.line(number))
        verdict = exporter.verdict(1000)
    return Outcome(", ".join(figures) + f"; FIFO: {verdict}", good and verdict.exact())


def queue_overflow(run):
    """More events in the directory than inotify keeps (16,384), and a rotation among them, while the exporter is stopped."""
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path).start()
    log.write(1000)
    exporter.settle(oracle.truth(0, log.lines), quiet=0.1)
    exporter.pause()
    directory = os.path.dirname(log.path)
    for number in range(20000):
        name = os.path.join(directory, f"other-{number}")
        open(name, "w").close()
        os.unlink(name)
    log.write(500)
    os.rename(log.path, log.path + ".1")
    log.write(500)
    log.reopen()
    log.write(1000)
    exporter.resume()
    verdict = exporter.verdict(log.lines)
    return Outcome(f"{verdict}, 40,000 events", verdict.exact())


def half_line(run):
    """A line in two halves, also across a restart; and one whose file is gone before its end: never counted."""
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path).start()
    pause = run.pick(0.5, 3)
    for restart in (False, True):
        log.write(10)
        whole = oracle.line(log.lines)
        os.write(log.fd, whole[:30])
        time.sleep(pause)  # the halves are to be read apart
        early = sum(exporter.scrape().counts())
        if early != log.lines:
            return Outcome(f"{early} counted of {log.lines} whole lines", False)
        if restart:
            exporter.kill()
            exporter.start()
        os.write(log.fd, whole[30:])
        log.lines += 1
        exporter.settle(oracle.truth(0, log.lines), quiet=0.1)
    os.write(log.fd, oracle.line(log.lines)[:-1])
    os.unlink(log.path)
    log.reopen()
    log.write(10)
    verdict = exporter.verdict(log.lines)
    dropped = len(oracle.line(log.lines - 10)) - 1
    def lost():
        return exporter.scrape().total("mqtt_reason_log_lost_bytes_total")

    wait_until("the unfinished line is reported", lambda: lost() > 0, 15)
    return Outcome(
        f"{verdict}, {lost():g} bytes of the unfinished line of {dropped} reported", verdict.exact() and lost() == dropped
    )


def strange_bytes(run):
    """NUL, invalid UTF-8, a byte order mark, CRLF, U+2028, ESC: a line ends with \\n only; Prometheus' linter is content."""
    path = log_in(run)
    ids = (b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\x1b[31m", b"\xc3(", b"\xf5\x80", b'"\\', b"\r", b"\x0b\x0c")
    exporter = Exporter(run.directory, path).start()
    number = 0
    with open(path, "wb", buffering=0) as log:
        for strange in ids:
            for shape in (b"c%s", b"%sc", b"c%sc"):
                line = oracle.line(number)
                log.write(line.replace(b"to c", b"to " + shape % strange))
                log.write(oracle.line(number + 1)[:-1] + b"\r\n")
                number += 2
    verdict = exporter.verdict(number)
    linter = subprocess.run(["promtool", "check", "metrics"], input=exporter.get("/metrics"), text=True, capture_output=True)
    return Outcome(f"{verdict}, promtool {linter.returncode}", verdict.exact() and linter.returncode == 0)


def burst(run):
    """As fast as the writer can."""
    log = log_in(run)
    open(log, "w").close()
    exporter = Exporter(run.directory, log).start()
    seconds = run.pick(1, 10)
    began = time.monotonic()
    written = Writer(log, rotation="create", rate=100000, seconds=seconds, every=run.pick(0.5, 2)).result()
    rate = written["lines"] / (time.monotonic() - began)
    began = time.monotonic()
    wait_until("no lag", lambda: exporter.scrape().total("mqtt_reason_log_lag_bytes") == 0)
    seconds = time.monotonic() - began
    verdict = exporter.verdict(written["lines"])
    return Outcome(
        f"{verdict} at {rate:,.0f} lines/s, no lag after {seconds:.1f} s", verdict.exact() and seconds <= run.seconds(10)
    )


def clock_jump(run):
    """The wall clock jumps by a day, there and back, under load."""
    library = next(
        (
            path
            for directory in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu")
            if os.path.exists(path := f"{directory}/faketime/libfaketimeMT.so.1")
        ),
        None,
    )
    if not library:
        raise NotRun("libfaketime is not installed")
    log = log_in(run)
    open(log, "w").close()
    clock = os.path.join(run.directory, "clock")

    def set_clock(offset):
        with open(clock + ".new", "w") as file:
            file.write(offset)
        os.replace(clock + ".new", clock)

    set_clock("+0")
    exporter = Exporter(
        run.directory,
        log,
        "--sandbox=off",  # it does not allow the file that sets the clock
        environment={
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": clock,
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        },
    ).start()
    seconds = run.pick(4, 20)
    writer = Writer(log, rotation="create", seconds=seconds, every=1)
    jumps = ("+1d", "-1d", "+0")
    for jump in jumps:
        time.sleep(seconds / 5)
        set_clock(jump)
    written = writer.result()
    verdict = exporter.verdict(written["lines"])
    with open(exporter.out) as out:
        jumped = len({row[3:13] for row in out if row.startswith("ts=")})  # days in its own log
    rotations = exporter.scrape().total("mqtt_reason_log_rotations_total")
    late = written["rotations"] - rotations  # the last file may not have a byte yet
    return Outcome(
        f"{verdict}, {len(jumps)} jumps, {jumped} days in its log, {rotations:g} of {written['rotations']} rotations seen",
        verdict.exact() and jumped == 3 and late in (0, 1),
    )


def latency(run):
    """How long a line takes from the write to a scrape that counts it, when only looking helps."""
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path, prefix=denying("inotify_init1")).start()
    waits = []
    for _ in range(run.pick(8, 100)):
        time.sleep(run.random.uniform(0, 0.3))
        log.write(1)
        written = time.monotonic()
        wait_until("the line is counted", lambda: sum(exporter.scrape().counts()) == log.lines, pause=0.005)
        waits.append(time.monotonic() - written)
    slow = percentile(waits, 0.99)
    return Outcome(f"{len(waits)} lines, p99 {slow * 1000:.0f} ms", slow <= run.seconds(0.5))


def changed_format(run):
    """From the middle on every second line is of another program."""
    log = Log(log_in(run))
    exporter = Exporter(run.directory, log.path).start()
    foreign = run.pick(1000, 20000)
    log.write(foreign)
    for number in range(foreign):
        os.write(log.fd, b"2026-11-22T10:00:00Z INFO worker[%d]: nothing that a broker says\n" % number)
        log.write(1)
    verdict = exporter.verdict(log.lines)
    unknown = exporter.scrape().total("mqtt_reason_source_records_total", outcome="unrecognised")
    return Outcome(f"{verdict}, {unknown:,.0f} of {foreign:,} unrecognised", verdict.exact() and unknown == foreign)


ROWS = (
    Row("9", "truncated, and grown beyond the old offset between two scans", "0 lost, 0 repeated", regrown, times=3),
    Row("10", "writer without O_APPEND after a truncation: NUL bytes", "0 lost, 0 repeated", hole, times=3),
    Row("20", "log 0600 of another user, then made readable", "up 0, then within 2 s 0 lost, 0 repeated", another_uid),
    Row("21", "directory of the log appears later", "first line within 1 s", later_folder),
    Row("22", "log is a directory, device, /proc file or FIFO", "serves within 1 s, up 0 with the reason; FIFO exact", no_file),
    Row("24c", "inotify refused: from write to scrape", "p99 at most 500 ms", latency),
    Row("25", "inotify queue overflows", "0 lost, 0 repeated", queue_overflow, times=3),
    Row("29", "half a line, also across SIGKILL; (30) half a line whose file is deleted", "0 lost, 0 repeated; reported", half_line),
    Row("32", "NUL, invalid UTF-8, BOM, CRLF, U+2028, ESC", "0 lost, 0 repeated, promtool 0", strange_bytes),
    Row("34", "burst of 100,000 lines/s", "0 lost, 0 repeated, no lag within 10 s", burst, times=3, alone=True),
    Row("35", "clock jumps by a day", "0 lost, 0 repeated, every rotation seen once", clock_jump, times=3),
    Row("37", "format changes within the file", "exact, also what is not recognised", changed_format),
)
