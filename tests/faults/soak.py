# SPDX-License-Identifier: Apache-2.0
"""An hour of everything at once: does memory grow? See soak.sh."""

import json
import os
import statistics
import time

import oracle
from broker import Broker, truth
from exporter import Exporter
from process import NotRun, Writer, wait_until
from row import Outcome, Row

CONFIG = """brokers:
  - name: renamed
    profile: mosquitto
    sources: [{{name: log, log: {{path: "{directory}/renamed/mosquitto.log"}}}}]
  - name: copied
    profile: mosquitto
    sources: [{{name: log, log: {{path: "{directory}/copied/mosquitto.log"}}}}]
  - name: events
    profile: emqx
    sources: [{{name: events, mqtt: {{url: "mqtt://127.0.0.1:{port}", backoff_min: 1s, backoff_max: 2s}}}}]
"""

LOGS = {"renamed": "create", "copied": "copytruncate"}


def mixed_load(run):
    """Two logs, events, a scrape a second, a kill of the broker each minute."""
    minutes = float(os.environ.get("MRE_SOAK_MINUTES", "0"))
    if not minutes:
        raise NotRun("soak.sh sets how long")
    broker = Broker(run.directory, lasting=True).start()
    config = os.path.join(run.directory, "exporter.yaml")
    with open(config, "w") as file:
        file.write(CONFIG.format(directory=run.directory, port=broker.port))
    for name in LOGS:
        os.mkdir(os.path.join(run.directory, name))
        open(log(run, name), "w").close()
    # Before the first line: what is in a log when an exporter starts for the first time is not read.
    exporter = Exporter(run.directory, None, f"--config.file={config}", "--log.level=debug").start()
    wait_until("the events are subscribed to", lambda: of(exporter, "events").total("mqtt_reason_source_up") == 1)
    writers = {
        name: Writer(log(run, name), rotation=rotation, rate=500, seconds=60 * minutes, every=5, keep=10)
        for name, rotation in LOGS.items()
    }
    sizes = sample(exporter, broker, writers["renamed"])
    verdicts = {name: of_log(run, exporter, name, writers[name].result()) for name in LOGS}
    events = oracle.judge(truth(broker.events), exporter.settle(truth(broker.events), broker="events").counts())
    keep_what_explains(run, exporter, sizes)
    memory, growth = slope(sizes)
    return Outcome(
        f"{minutes:g} minutes: {memory}; "
        + "; ".join(f"{name}: {figure}" for name, (_, figure) in verdicts.items())
        + f"; events: {events}",
        growth <= 1024 and events.exact() and all(good for good, _ in verdicts.values()),
    )


def log(run, name):
    return os.path.join(run.directory, name, "mosquitto.log")


def of(exporter, broker):
    return exporter.scrape().of(broker)


def sample(exporter, broker, writer):
    """Scrapes until the writer is done: (hours, KiB of resident memory, KiB of them that do not belong to a file)."""
    began, rounds, sizes = time.monotonic(), 0, []
    while writer.running():
        rounds += 1
        broker.publish(50)
        if rounds % 60 == 0:
            broker.stop()
            broker.start()
        exporter.scrape()
        hours = (time.monotonic() - began) / 3600
        sizes.append((hours, exporter.memory("VmRSS") // 1024, exporter.memory("RssAnon") // 1024))
        time.sleep(1)
    return sizes


def slope(sizes):
    """What is said about memory after the first quarter, and by how many KiB it grew from the second to the last."""
    warm = sizes[len(sizes) // 4 :]
    hours, sizes, _ = zip(*warm)
    quarter = -(-len(sizes) // 4)
    growth = statistics.median(sizes[-quarter:]) - statistics.median(sizes[:quarter])
    steep = statistics.linear_regression(hours, sizes).slope
    return (
        f"RSS {sizes[0] / 1024:.1f} MiB, slope {steep:+,.0f} KiB/h, {growth:+,.0f} KiB from the second quarter to the last",
        growth,
    )


def of_log(run, exporter, name, written):
    """Whether the exporter has all lines of the log that any file had, and what is said about it."""
    lines, gap = written["lines"], written["gap"]
    want = oracle.truth(0, lines)
    scrape = exporter.settle(want, broker=name)
    verdict = oracle.judge(want, scrape.counts(), gap)
    lost_bytes = scrape.total("mqtt_reason_log_lost_bytes_total")
    figure = f"{verdict}, {written['rotations']} rotations, {lost_bytes:,.0f} bytes counted as lost"
    with open(os.path.join(run.directory, f"{name}.json"), "w") as file:
        sure = [w - g for w, g in zip(want, oracle.counts_of(gap))]
        counted = {"want": want, "got": scrape.counts(), "stretches": oracle.stretches(sure, scrape.counts(), lines)}
        json.dump({**written, **counted}, file)
    if LOGS[name] == "copytruncate":
        return verdict.exact(), f"{figure}, {len(gap)} in the copy gap"
    return verdict.exact() and not lost_bytes, figure


def keep_what_explains(run, exporter, sizes):
    """Beside the logs and the exporter's own, for a run that is not good."""
    with open(os.path.join(run.directory, "metrics.txt"), "w") as file:
        file.write(exporter.get("/metrics"))
    with open(os.path.join(run.directory, "memory.csv"), "w") as file:
        file.writelines(f"{hours * 3600:.1f},{resident},{anonymous}\n" for hours, resident, anonymous in sizes)


ROWS = (
    Row(
        "soak",
        "mixed load for an hour: two logs rotated, events, broker restarts (tests/faults/soak.sh 60)",
        "at most +1 MiB, 0 lost besides the copy gap, 0 repeated",
        mixed_load,
        alone=True,
        in_short=False,
        in_full=False,
    ),
)
