"""An hour of everything at once: does memory grow? See soak.sh."""

import os
import statistics
import time

import oracle
from broker import Broker, truth
from exporter import Exporter
from process import NotRun, Writer
from row import Outcome, Row

CONFIG = """brokers:
  - name: renamed
    profile: mosquitto
    sources: [{{name: log, log: {{path: "{folder}/renamed/mosquitto.log"}}}}]
  - name: copied
    profile: mosquitto
    sources: [{{name: log, log: {{path: "{folder}/copied/mosquitto.log"}}}}]
  - name: events
    profile: emqx
    sources: [{{name: events, mqtt: {{url: "mqtt://127.0.0.1:{port}", backoff_min: 1s, backoff_max: 2s}}}}]
"""


def logs(run, minutes):
    """Two logs that are written and rotated; what they have ended, goes."""
    writers = {}
    for name, rotation in (("renamed", "create"), ("copied", "copytruncate")):
        path = os.path.join(run.folder, name, "mosquitto.log")
        os.mkdir(os.path.dirname(path))
        open(path, "w").close()
        writers[name] = Writer(path, rotation=rotation, rate=500, seconds=60 * minutes, every=5, keep=10)
    return writers


def mixed_load(run):
    """Two logs, events, a scrape a second, a kill of the broker each minute."""
    minutes = float(os.environ.get("MRE_SOAK_MINUTES", "0"))
    if not minutes:
        raise NotRun("soak.sh sets how long")
    broker = Broker(run.folder, lasting=True).start()
    config = os.path.join(run.folder, "exporter.yaml")
    with open(config, "w") as file:
        file.write(CONFIG.format(folder=run.folder, port=broker.port))
    writers = logs(run, minutes)
    exporter = Exporter(run.folder, None, f"--config.file={config}", "--log.level=warn").start()

    began, rounds, sizes = time.monotonic(), 0, []
    while writers["renamed"].running():
        rounds += 1
        broker.publish(50)
        if rounds % 60 == 0:
            broker.stop()
            broker.start()
        exporter.scrape()
        sizes.append((time.monotonic() - began, exporter.memory("VmRSS")))
        time.sleep(1)
    written = {name: writer.result() for name, writer in writers.items()}
    warm = [(seconds / 3600, size / 1024) for seconds, size in sizes if seconds > 0.25 * 60 * minutes]
    slope = statistics.linear_regression(*zip(*warm)).slope
    growth = statistics.median(size for _, size in warm[-len(warm) // 4 :]) - statistics.median(
        size for _, size in warm[: len(warm) // 4]
    )
    verdict = of_broker(exporter, "renamed", oracle.truth(0, written["renamed"]["lines"]))
    events = of_broker(exporter, "events", truth(broker.events))
    copied = of_broker(exporter, "copied", oracle.truth(0, written["copied"]["lines"]))
    return Outcome(
        f"{minutes:g} minutes: RSS {warm[0][1] / 1024:.1f} MiB, slope {slope:+,.0f} KiB/h, {growth:+,.0f} KiB from the second"
        f" quarter to the last; renames: {verdict}; copytruncate: {copied}; events: {events}",
        growth <= 1024 and verdict.exact() and events.exact() and copied.repeated == 0,
    )


def of_broker(exporter, broker, want):
    deadline = time.monotonic() + 10
    while True:
        verdict = oracle.judge(want, exporter.scrape().of(broker=broker).counts())
        if verdict.exact() or time.monotonic() > deadline:
            return verdict
        time.sleep(0.1)


ROWS = (
    Row(
        "soak",
        "mixed load for an hour: two logs rotated, events, broker restarts (tests/faults/soak.sh 60)",
        "at most +1 MiB, 0 lost, 0 repeated",
        mixed_load,
        alone=True,
        in_short=False,
        in_full=False,
    ),
)
