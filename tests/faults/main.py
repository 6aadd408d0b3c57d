"""Runs rows of the matrix, prints a line for each, and keeps the table. See run.sh."""

import argparse
import multiprocessing
import os
import random
import shutil
import sys
import tempfile
import time
import traceback

import rows
import table
from process import Failure, NotRun
from row import Row, Run


def run_row(row, full, seed, results):
    """In a process of its own: runs it as often as it takes, and reports (figure, result)."""
    figures, good = [], True
    for number in range(row.times if full else 1):
        folder = tempfile.mkdtemp(prefix=f"mre-faults-{row.name}-")
        os.chmod(folder, 0o755)  # some rows run the exporter as another user
        try:
            outcome = row.body(Run(folder, full, random.Random(f"{seed}/{row.name}/{number}")))
            figures.append(outcome.figure)
            good = good and outcome.good
        except NotRun as why:
            results.put((row.name, f"not run: {why}", table.NOT_RUN))
            return
        except Failure as why:
            figures.append(str(why))
            good = False
        except Exception:  # a mistake of the harness must not look like a pass
            figures.append(traceback.format_exc().strip().replace("\n", " / ")[-400:])
            good = False
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    results.put((row.name, " · ".join(figures), table.PASS if good else table.FAIL))


def run_all(chosen, full, seed, at_once):
    """Runs the rows, `at_once` beside each other; yields (row, figure, result) in the order in which they end."""
    results = multiprocessing.Queue()
    waiting, running = list(chosen), {}
    while waiting or running:
        while waiting and len(running) < at_once:
            row = waiting.pop(0)
            child = multiprocessing.Process(target=run_row, args=(row, full, seed, results))
            child.start()
            running[row.name] = row, child
        name, figure, result = results.get()
        row, child = running.pop(name)
        child.join()
        yield row, figure, result


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--short", action="store_true", help="a few seconds a row, many at once; the default")
    mode.add_argument("--full", action="store_true", help="20 s a run and three runs, one row after another; writes the table")
    parser.add_argument("--at-once", type=int, help="rows that run beside each other")
    parser.add_argument("--seed", default=str(time.time_ns() % 1000000))
    parser.add_argument("names", metavar="ROW", nargs="*", help="all, if none is named")
    options = parser.parse_args()

    known = {row.name: row for row in rows.ROWS}
    if unknown := [name for name in options.names if name not in known]:
        sys.exit(f"There is no row {', '.join(unknown)}; there are: {' '.join(known)}")
    chosen = [known[name] for name in options.names] or [row for row in rows.ROWS if isinstance(row, Row)]
    if elsewhere := [row for row in chosen if not isinstance(row, Row)]:
        for row in elsewhere:
            print(f"{row.name:4} {row.fault}: {row.where}")
    chosen = [row for row in chosen if isinstance(row, Row) and (options.full or options.names or row.short)]

    began, failed, done = time.monotonic(), 0, {}
    for row, figure, result in run_all(chosen, options.full, options.seed, options.at_once or (1 if options.full else 16)):
        failed += result == table.FAIL
        done[row.name] = table.Result(figure, result)
        print(f"{result:7} {row.name:4} {row.fault}: {figure} (limit: {row.limit})", flush=True)
    print(f"{len(done) - failed} of {len(done)} rows good, seed {options.seed}, {time.monotonic() - began:.0f} s")
    if options.full:
        table.write(rows.ROWS, done)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
