# SPDX-License-Identifier: Apache-2.0
"""Runs rows of the matrix, prints a line for each, and keeps the table. See run.sh."""

import argparse
import ctypes
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

import rows
import table
from process import Failure, NotRun, kill_all
from row import Elsewhere, Row, Run

PR_SET_PDEATHSIG = 1


def run_row(row, options, scratch, results):
    """In a process of its own: runs it as often as it takes, and reports (name, figure, result)."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    figures, result = [], table.PASS
    for number in range(row.times if options.full else 1):
        good = False
        directory = tempfile.mkdtemp(prefix=f"{row.name}-", dir=scratch)
        os.chmod(directory, 0o755)  # some rows run the exporter as another user
        try:
            outcome = row.body(Run(directory, options.full, random.Random(f"{options.seed}/{row.name}/{number}")))
            figures.append(outcome.figure)
            good = outcome.good
        except NotRun as why:
            figures, result, good = [str(why)], table.NOT_RUN, True
            break
        except Failure as why:
            figures.append(str(why))
        except Exception:  # a mistake of the harness must not look like a pass
            figures.append(traceback.format_exc(chain=False).strip().replace("\n", " / ")[-400:])
        finally:
            kill_all()
            if options.keep and not good:
                figures[-1] += f"; its files: {shutil.move(directory, options.keep)}"
            shutil.rmtree(directory, ignore_errors=True)
        if not good:
            result = table.FAIL
    results.put((row.name, table.together(figures), result))


def run_all(chosen, options, scratch):
    """Runs the rows, several beside each other, then those that measure time or memory one after another.

    Yields (row, figure, result) in the order in which they end.
    """
    results = multiprocessing.SimpleQueue()
    waiting = [row for row in chosen if not row.alone] + [row for row in chosen if row.alone]
    at_once = options.at_once or (4 if options.full else 16)
    running = {}
    while waiting or running:
        while waiting and len(running) < (at_once if not waiting[0].alone or not options.full else 1):
            row = waiting.pop(0)
            child = multiprocessing.Process(target=run_row, args=(row, options, scratch, results))
            child.start()
            running[row.name] = row, child
        name, figure, result = results.get()
        row, child = running.pop(name)
        child.join()
        yield row, figure, result


def choose(names, full):
    known = {row.name: row for row in rows.ROWS}
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"There is no row {', '.join(unknown)}; there are: {' '.join(known)}")
    if not names:
        return [row for row in known.values() if isinstance(row, Row) and (row.in_full if full else row.in_short)]
    if others := [name for name in names if not isinstance(known[name], Row)]:
        sys.exit(f"Not run here, see RESULTS.md: {', '.join(others)}")
    return [known[name] for name in names]


def not_proven():
    """Prints the rows whose test elsewhere is gone; how many."""
    gone = [row for row in rows.ROWS if isinstance(row, Elsewhere) and not row.exists()]
    for row in gone:
        print(f"{table.FAIL:7} {row.name:4} {row.fault}: there is no {row.words} in {row.file}")
    return len(gone)


def main():
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--short", action="store_true", help="a few seconds a row, many at once; the default")
    mode.add_argument("--full", action="store_true", help="20 s a run and three runs; writes the table")
    parser.add_argument("--at-once", type=int, help="rows that run beside each other")
    parser.add_argument("--table", default=table.FILE, help="the table that --full writes")
    parser.add_argument("--keep", metavar="DIRECTORY", help="where the files of a run that failed go")
    parser.add_argument("--seed", default=str(time.time_ns() % 1000000), help="of what is random")
    parser.add_argument("names", metavar="ROW", nargs="*", help="all, if none is named")
    options = parser.parse_args()
    chosen = choose(options.names, options.full)
    if options.keep:
        os.makedirs(options.keep, exist_ok=True)

    began, failed, done = time.monotonic(), 0 if options.names else not_proven(), {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    scratch = tempfile.mkdtemp(prefix="mre-faults-")
    os.chmod(scratch, 0o755)
    try:
        for row, figure, result in run_all(chosen, options, scratch):
            failed += result == table.FAIL
            done[row.name] = table.Result(figure, result)
            print(f"{result:7} {row.name:4} {row.fault}: {figure} (limit: {row.limit})", flush=True)
            if options.full:
                table.write(options.table, rows.ROWS, done)
    finally:
        for child in multiprocessing.active_children():
            child.kill()
            child.join()
        shutil.rmtree(scratch, ignore_errors=True)
    not_run = sum(last.result == table.NOT_RUN for last in done.values())
    passed = sum(last.result == table.PASS for last in done.values())
    print(
        f"{passed} rows passed, {failed} failed, {not_run} not run;"
        f" seed {options.seed}, {time.monotonic() - began:.0f} s"
    )
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
