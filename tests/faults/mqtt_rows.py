# SPDX-License-Identifier: Apache-2.0
"""Events from a broker that restarts, stops, or is left alone by us: every event that it delivers counts once."""

import os
import signal
import time

import oracle
from broker import Broker, truth
from exporter import Exporter
from process import wait_until
from row import Outcome, Row

CONFIG = """brokers:
  - name: hall
    profile: emqx
    sources:
      - name: events
        mqtt: {{url: "mqtt://127.0.0.1:{port}", backoff_min: 1s, backoff_max: 2s, connect_timeout: 2s, {more}}}
"""


def subscriber(run, broker, more=""):
    config = os.path.join(run.directory, "exporter.yaml")
    with open(config, "w") as file:
        file.write(CONFIG.format(port=broker.port, more=more))
    return Exporter(run.directory, None, f"--config.file={config}")


def up(exporter):
    return exporter.scrape().total("mqtt_reason_source_up")


def wait_up(exporter, wanted=1, seconds=30):
    """How long it took."""
    began = time.monotonic()
    wait_until(f"up {wanted}", lambda: up(exporter) == wanted, seconds)
    return time.monotonic() - began


def judged(exporter, broker):
    want = truth(broker.events)
    return oracle.judge(want, exporter.settle(want).counts())


def restarted(run):
    """Without persistence: it subscribes again, and all that is published then counts."""
    broker = Broker(run.directory).start()
    exporter = subscriber(run, broker).start()
    times = run.pick(2, 5)
    for _ in range(times):
        wait_up(exporter)
        broker.publish(50)
        exporter.settle(truth(broker.events), quiet=0.1)
        broker.stop()
        wait_up(exporter, 0)
        broker.start()
    wait_up(exporter)
    broker.publish(50)
    verdict = judged(exporter, broker)
    return Outcome(f"{verdict}, {times} restarts", verdict.exact())


def half_open(run):
    """SIGSTOP: the connection stays open, and nobody answers."""
    keep_alive = run.pick(2, 10)
    broker = Broker(run.directory).start()
    exporter = subscriber(run, broker, f"keep_alive: {keep_alive}s").start()
    wait_up(exporter)
    broker.publish(100)
    broker.process.send_signal(signal.SIGSTOP)
    noticed = wait_up(exporter, 0, run.seconds(4 * keep_alive))
    broker.process.send_signal(signal.SIGCONT)
    recovered = wait_up(exporter)
    broker.publish(100)
    verdict = judged(exporter, broker)
    return Outcome(
        f"noticed after {noticed:.1f} s (keep alive {keep_alive} s), back after {recovered:.1f} s, {verdict}",
        noticed <= run.seconds(2.5 * keep_alive) and recovered <= run.seconds(5) and verdict.exact(),
    )


def retained(run):
    """53 retained messages come again at each subscription: they are states, not events."""
    broker = Broker(run.directory, lasting=True).start()
    broker.retain(53)
    exporter = subscriber(run, broker).start()
    times = run.pick(2, 10)
    for _ in range(times):
        wait_up(exporter)
        wait_until("53 retained ones", lambda: skipped(exporter) >= 53, 10)
        broker.stop()
        wait_up(exporter, 0)
        broker.start()
    wait_up(exporter)
    broker.publish(10)
    verdict = judged(exporter, broker)
    return Outcome(f"{verdict}, {skipped(exporter):g} retained ones skipped, {times} restarts", verdict.exact())


def skipped(exporter):
    return exporter.scrape().total("mqtt_reason_source_retained_skipped_total")


def away(run):
    """500 events are queued for an exporter that was killed and comes back."""
    broker = Broker(run.directory).start()
    exporter = subscriber(run, broker).start()
    wait_up(exporter)
    broker.publish(100)
    exporter.settle(truth(broker.events), quiet=0.1)
    exporter.kill()
    began = time.monotonic()
    broker.publish(500)
    time.sleep(max(0, run.pick(1, 10) - (time.monotonic() - began)))
    exporter.start()
    verdict = judged(exporter, broker)
    return Outcome(f"{verdict}, away for {time.monotonic() - began:.0f} s", verdict.exact())


def broker_away(run):
    """A broker that keeps its sessions restarts with 500 events queued for us."""
    broker = Broker(run.directory, lasting=True).start()
    exporter = subscriber(run, broker).start()
    wait_up(exporter)
    broker.publish(100)
    exporter.settle(truth(broker.events), quiet=0.1)
    exporter.kill()
    broker.publish(500)
    broker.stop()
    exporter.start()
    time.sleep(run.pick(1, 10))  # it tries in vain
    broker.start()
    verdict = judged(exporter, broker)
    return Outcome(f"{verdict}", verdict.exact())


ROWS = (
    Row("51", "broker restarts without persistence", "all after it, 0 repeated", restarted, times=3),
    Row("52", "broker stopped (SIGSTOP, half-open)", "noticed within 2.5 keep alives, back within 5 s", half_open, times=3),
    Row("58", "53 retained messages at each subscription", "0 counted", retained, times=3),
    Row("60", "exporter killed, 10 s away, 500 QoS 1 events", "500 of 500, once", away, times=3),
    Row("60b", "the same, and the broker restarts meanwhile", "500 of 500, once", broker_away, times=3),
)
