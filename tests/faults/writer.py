# SPDX-License-Identifier: Apache-2.0
"""Writes a log as a broker does, a write(2) a line at a steady rate, while the log is rotated under it.

    python3 writer.py LOG --rotation create --lag 0.05 --rate 2000 --seconds 20

prints {"lines", "rotations", "gap"} at the end. `gap` are the numbers of the lines that no file ever had once the log was
rotated: with copytruncate those written between the end of the copy and the truncation, which no reader can be blamed for.
"""

import argparse
import contextlib
import gzip
import json
import os
import shutil
import time

import oracle


class Log:
    """The broker's side: one open file, and lines 0, 1, 2, ... written into it."""

    def __init__(self, path, line_bytes=0, append=True, first=0):
        self.path, self.line_bytes, self.append, self.lines = path, line_bytes, append, first
        self.fd = -1
        self.reopen()

    def reopen(self):
        before, self.fd = self.fd, os.open(
            self.path, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if self.append else 0), 0o644
        )
        if before >= 0:
            os.close(before)

    def write(self, count):
        for number in range(self.lines, self.lines + count):
            os.write(self.fd, oracle.line(number, self.line_bytes))
        self.lines += count


def shift(path, suffix="", keep=1000):
    """Makes room for a new PATH.1: every PATH.n becomes PATH.n+1. What would be more than `keep` goes."""
    if os.path.exists(f"{path}.{keep}{suffix}"):
        os.unlink(f"{path}.{keep}{suffix}")
    count = 1
    while os.path.exists(f"{path}.{count}{suffix}"):
        count += 1
    for number in range(count - 1, 0, -1):
        os.rename(f"{path}.{number}{suffix}", f"{path}.{number + 1}{suffix}")


class Rotation:
    """One way to rotate. `rotate` is what logrotate does; the broker reopens its log `lag` seconds later."""

    reopens = True

    def __init__(self, log, lag, keep=1000):
        self.log, self.path, self.lag, self.keep, self.count = log, log.path, lag, keep, 0
        self.child = None

    def rotate(self):
        pass

    def reopened(self):
        """Called when the broker has reopened its log."""

    def beside(self, work):
        """Does it in another process, when the last such work is done."""
        self.finish()
        self.child = os.fork()
        if self.child == 0:
            try:
                work()
                os._exit(0)
            finally:
                os._exit(1)

    def finish(self):
        """Waits for what still runs beside the writing."""
        if self.child and os.waitpid(self.child, 0)[1] != 0:
            raise RuntimeError("the rotation failed")
        self.child = None

    def gap(self):
        """At the end: the numbers of the lines that the rotations took away unseen."""
        return []


class Nocreate(Rotation):
    def rotate(self):
        shift(self.path, keep=self.keep)
        os.rename(self.path, self.path + ".1")


class Create(Nocreate):
    def rotate(self):
        super().rotate()
        open(self.path, "x").close()


class Double(Create):
    """Twice within 30 ms; the file in the middle has what the broker writes in between."""

    def rotate(self):
        super().rotate()
        self.log.reopen()
        end = time.monotonic() + 0.03
        while time.monotonic() < end:
            self.log.write(1)
            time.sleep(0.0005)
        super().rotate()


class Delete(Rotation):
    """The new file often gets the number of the deleted one."""

    def rotate(self):
        os.unlink(self.path)
        open(self.path, "x").close()


class Copytruncate(Rotation):
    """Copies and truncates in a process beside the writing, as logrotate does, so that the gap between both is a real one."""

    reopens = False

    def __init__(self, log, lag, keep=1000):
        super().__init__(log, lag, keep)
        self.seen = bytearray()  # of each line: whether a file had it after a rotation

    def rotate(self):
        self.finish()
        self.note(f"{self.path}.{self.keep}")
        shift(self.path, keep=self.keep)
        self.beside(self.copy_and_truncate)

    def note(self, path):
        with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
            self.seen.extend(bytes(self.log.lines - len(self.seen)))
            for number in oracle.numbers(file.read()):
                self.seen[number] = 1

    def gap(self):
        for number in range(1, self.keep + 1):
            self.note(f"{self.path}.{number}")
        self.note(self.path)
        return [number for number, seen in enumerate(self.seen) if not seen]

    def copy_and_truncate(self):
        with open(self.path, "rb", buffering=0) as log, open(self.path + ".1", "xb", buffering=0) as copy:
            while block := log.read(65536):
                copy.write(block)
            os.ftruncate(os.open(self.path, os.O_WRONLY), 0)


class Gzip(Nocreate):
    """No delaycompress: once the broker has reopened, PATH.1 is packed and removed at once."""

    def rotate(self):
        self.finish()
        shift(self.path, ".gz", self.keep)
        os.rename(self.path, self.path + ".1")

    def reopened(self):
        self.beside(lambda: pack(self.path + ".1"))


def pack(path):
    with open(path, "rb") as plain, gzip.open(path + ".gz", "xb", compresslevel=1) as packed:
        shutil.copyfileobj(plain, packed)
    os.unlink(path)


class Symlink(Rotation):
    """PATH is a symbolic link (Kubernetes' /var/log/containers) that is turned to the next file."""

    def __init__(self, log, lag, keep=1000):
        super().__init__(log, lag, keep)
        os.rename(self.path, self.target())
        os.symlink(self.target(), self.path)

    def target(self):
        return f"{self.path}-{self.count}"

    def rotate(self):
        self.count += 1
        open(self.target(), "x").close()
        os.symlink(self.target(), self.path + "-next")
        os.replace(self.path + "-next", self.path)


class Wrap(Rotation):
    """A numbered set that is gone round (EMQX: emqx.log.1 to .5); PATH is that of the first file."""

    FILES = 5

    def rotate(self):
        self.count = (self.count + 1) % self.FILES
        self.log.path = self.path.removesuffix("1") + str(self.count + 1)
        if os.path.exists(self.log.path):
            os.truncate(self.log.path, 0)


ROTATIONS = {
    "none": Rotation,
    "create": Create,
    "nocreate": Nocreate,
    "double": Double,
    "delete": Delete,
    "copytruncate": Copytruncate,
    "gzip": Gzip,
    "symlink": Symlink,
    "wrap": Wrap,
}


def write_at_rate(log, rotation, rate, seconds, every):
    """Returns how often it was rotated."""
    begin = time.monotonic()
    first, total = log.lines, round(rate * seconds)
    next_rotation, reopen_at, rotations = begin + every, None, 0
    while log.lines - first < total:
        now = time.monotonic()
        if reopen_at is not None and now >= reopen_at:
            log.reopen()
            rotation.reopened()
            reopen_at = None
        if now >= next_rotation and reopen_at is None and type(rotation) is not Rotation:
            rotation.rotate()
            rotations += 1
            next_rotation += every
            if rotation.reopens:
                reopen_at = now + rotation.lag
        due = min(total, int((now - begin) * rate)) - (log.lines - first)
        log.write(max(0, min(due, 100)))
        if due < 100:
            time.sleep(0.001)
    if reopen_at is not None:
        log.reopen()
        rotation.reopened()
    rotation.finish()
    return rotations


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log")
    parser.add_argument("--rotation", choices=ROTATIONS, default="none")
    parser.add_argument("--lag", type=float, default=0.05, help="seconds until the broker reopens its log")
    parser.add_argument("--rate", type=float, default=2000, help="lines a second")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--every", type=float, default=1, help="seconds from one rotation to the next")
    parser.add_argument("--line-bytes", type=int, default=0)
    parser.add_argument("--keep", type=int, default=1000, help="rotated files that stay")
    options = parser.parse_args()
    log = Log(options.log, options.line_bytes)
    rotation = ROTATIONS[options.rotation](log, options.lag, options.keep)
    rotations = write_at_rate(log, rotation, options.rate, options.seconds, options.every)
    with contextlib.suppress(BrokenPipeError):
        print(json.dumps({"lines": log.lines, "rotations": rotations, "gap": rotation.gap()}), flush=True)


if __name__ == "__main__":
    main()
