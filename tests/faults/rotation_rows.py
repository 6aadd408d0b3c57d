# SPDX-License-Identifier: Apache-2.0
"""A log that is rotated, in every way that logs are rotated in, while it is written."""

import os

from exporter import Exporter
from process import Writer
from row import Outcome, Row
from without_inotify import denying


def log_in(run, name="mosquitto.log"):
    """The path of a log, in a directory where nothing else is."""
    directory = os.path.join(run.directory, "log")
    os.makedirs(directory, exist_ok=True)
    return os.path.join(directory, name)


def rotated(rotation, log="mosquitto.log", follow=None, prefix=(), **writing):
    """A row's body: follows a log under this rotation; lines may be lost only in the copy gap, where no file has them."""

    def body(run):
        path = log_in(run, log)
        exporter = Exporter(run.directory, os.path.join(os.path.dirname(path), follow) if follow else path, prefix=prefix)
        if follow is None:
            open(path, "w").close()
        exporter.start()
        pace = {"seconds": 20, "every": 1, **writing}
        if not run.full:
            pace |= {"seconds": 5, "every": min(pace["every"], 2.2)}
        written = Writer(path, rotation=rotation, **pace).result()
        verdict = exporter.verdict(written["lines"], written["gap"])
        gap = f", {len(written['gap'])} in the copy gap" if rotation == "copytruncate" else ""
        return Outcome(f"{verdict}, {written['rotations']} rotations{gap}", verdict.exact())

    return body


NOTHING = "0 lost, 0 repeated"
NOTHING_BUT_THE_GAP = "0 lost besides the copy gap, 0 repeated"

ROWS = (
    Row("0", "no rotation", NOTHING, rotated("none")),
    Row("1", "rename and create, reopened after 50 ms", NOTHING, rotated("create"), times=3),
    Row("1b", "the same, reopened after 400 ms", NOTHING, rotated("create", lag=0.4), times=3),
    Row("2", "rename, no file for 50 ms", NOTHING, rotated("nocreate"), times=3),
    Row("3", "rename and create, reopened after 900 ms", NOTHING, rotated("create", lag=0.9, every=1.3), times=3),
    Row("4", "two renames within 30 ms", NOTHING, rotated("double", lag=0), times=3),
    Row("4b", "the same, reopened after 50 ms", NOTHING, rotated("double"), times=3),
    Row("5", "delete and create, inode reused", NOTHING, rotated("delete"), times=3),
    Row("6", "copytruncate, 90 KB", NOTHING_BUT_THE_GAP, rotated("copytruncate"), times=3),
    Row(
        "6b",
        "copytruncate, 4 MB",
        NOTHING_BUT_THE_GAP,
        rotated("copytruncate", line_bytes=450, every=4.4),
        times=3,
    ),
    Row(
        "7",
        "copytruncate, 10,000 lines/s",
        NOTHING_BUT_THE_GAP,
        rotated("copytruncate", rate=10000, seconds=10),
        times=3,
        alone=True,
    ),
    Row(
        "8",
        "copytruncate, inotify refused",
        NOTHING_BUT_THE_GAP,
        rotated("copytruncate", prefix=denying("inotify_init1")),
        times=3,
    ),
    Row("11", ".1.gz without delay, while it runs", NOTHING, rotated("gzip", lag=0.02), times=3),
    Row("23", "symbolic link changed under load", NOTHING, rotated("symlink"), times=3),
    Row("24", "inotify refused (NFS, FUSE): renames", NOTHING, rotated("create", prefix=denying("inotify_init1")), times=3),
    Row(
        "26",
        "inotify watches used up: renames",
        NOTHING,
        rotated("create", prefix=denying("inotify_add_watch")),
        times=3,
    ),
    Row(
        "36b",
        "a numbered set of files written in turn (EMQX), by glob",
        NOTHING,
        rotated("wrap", log="emqx.log.1", follow="emqx.log.*"),
        times=3,
    ),
)
