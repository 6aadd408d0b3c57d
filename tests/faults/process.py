# SPDX-License-Identifier: Apache-2.0
"""Processes and waiting. Whatever is started here ends with the process that started it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time

PATIENCE = 30  # seconds that anything awaited may take on a busy machine
HERE = os.path.dirname(os.path.abspath(__file__))


class Failure(Exception):
    """A row's figure is not even measured: what was expected did not come."""


class NotRun(Exception):
    """What a row needs is not to be had on this machine."""


def wait_until(what, condition, seconds=PATIENCE, pause=0.02):
    """Polls until the condition gives something true, which is returned."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise Failure(f"not within {seconds:g} s: {what}")
        time.sleep(pause)
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


started = []


def start(command, output, **options):
    """Runs it in a group of its own that dies with this process; its output is appended to the file."""
    with open(output, "ab") as out:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *command],
            stdin=subprocess.DEVNULL,
            stdout=options.pop("stdout", out),
            stderr=out,
            start_new_session=True,
            **options,
        )
    started.append(process)
    return process


def kill_all():
    """Ends all that was started and still runs."""
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait()
    started.clear()


def end(process, sig=signal.SIGTERM):
    """Ends it, by force if it does not go; returns the exit code."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(sig)
            process.send_signal(signal.SIGCONT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return process.returncode


class Writer:
    """writer.py, running."""

    def __init__(self, log, **options):
        flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        self.process = start(
            [sys.executable, os.path.join(HERE, "writer.py"), log, *flags],
            os.path.join(os.path.dirname(os.path.dirname(log)), "writer.out"),
            stdout=subprocess.PIPE,
        )

    def running(self):
        return self.process.poll() is None

    def result(self):
        """Waits for its end: {"lines", "rotations", "gap"}, of which writer.py says what they are."""
        out, _ = self.process.communicate()
        if self.process.returncode != 0:
            raise Failure(f"the writer failed with {self.process.returncode}")
        return json.loads(out)
