# SPDX-License-Identifier: Apache-2.0
"""Too much from a broker, or too many of us: large messages, floods, a hundred exporters, two with one client id."""

import collections
import os
import time

import oracle
from broker import TOPIC, Broker, event, truth
from exporter import Exporter
from mqtt_rows import judged, subscriber, wait_up
from process import start, wait_until
from row import Outcome, Row

MIB = 1 << 20
MOST_IDS = 50_000  # of one mosquitto_pub: it ends early when packet ids come round


def large_messages(run, protocol, connects):
    """A payload that no event has. How often the exporter connects because of it."""
    broker = Broker(run.directory).start()
    exporter = subscriber(run, broker, f'protocol: "{protocol}"').start()
    wait_up(exporter)
    broker.publish(100)
    exporter.settle(truth(broker.events), quiet=0.1)
    base = exporter.memory("VmHWM")
    size = 50 * MIB  # above queue_bytes, the largest packet that the exporter accepts
    payload = os.path.join(run.directory, "payload")
    with open(payload, "wb") as file:
        file.write(event(0).encode())
        file.truncate(size)
    broker.client("mosquitto_pub", "-q", "1", "-t", TOPIC, "-f", payload)

    def made():
        return exporter.scrape().total("mqtt_reason_source_connects_total")

    wait_until(f"{connects} connections", lambda: made() == connects, 30)
    wait_up(exporter)
    broker.publish(100)
    verdict = judged(exporter, broker)
    grown = exporter.memory("VmHWM") - base
    return Outcome(
        f"{verdict}, {size // MIB} MiB, connected {made():.0f} times, peak {grown / MIB:+.1f} MiB",
        verdict.exact() and made() == connects and grown <= 2 * MIB,
    )


def large_in_5(run):
    """The client announces its limit, and the broker does not send longer messages."""
    return large_messages(run, "5.0", 1)


def large_in_3(run):
    """MQTT 3.1.1 has no such limit: the exporter ends the connection and makes a new one."""
    return large_messages(run, "3.1.1", 2)


def flood(run):
    """As many events as mosquitto can send, scraped all the while."""
    broker = Broker(run.directory).start()
    exporter = subscriber(run, broker).start()
    wait_up(exporter)
    broker.publish(1000)
    exporter.settle(truth(broker.events), quiet=0.1)
    base = exporter.memory("VmHWM")
    count = run.pick(30_000, 200_000)
    parts = []
    for first in range(broker.events, broker.events + count, MOST_IDS):
        parts.append(os.path.join(run.directory, f"events-{first}"))
        with open(parts[-1], "w") as file:
            for number in range(first, min(first + MOST_IDS, broker.events + count)):
                file.write(event(number) + "\n")
    began = time.monotonic()
    publish = f'for part; do mosquitto_pub -l -q 1 -h 127.0.0.1 -p {broker.port} -t {TOPIC} <"$part" || exit 1; done'
    publisher = start(["sh", "-c", publish, "sh", *parts], os.path.join(run.directory, "publisher.out"))
    slowest = 0.0
    while publisher.poll() is None:
        asked = time.monotonic()
        exporter.scrape()
        slowest = max(slowest, time.monotonic() - asked)
        time.sleep(0.05)
    broker.events += count
    rate = count / (time.monotonic() - began)
    scrape = exporter.settle(truth(broker.events))
    dropped = int(scrape.total("mqtt_reason_source_records_dropped_total"))
    counted = sum(scrape.counts())
    repeated = oracle.judge(truth(broker.events), scrape.counts()).repeated
    grown = exporter.memory("VmHWM") - base
    return Outcome(
        f"{counted:,} counted + {dropped:,} dropped of {broker.events:,}, {repeated} repeated, {rate:,.0f}/s,"
        f" peak {grown / MIB:+.1f} MiB, slowest scrape {slowest:.2f} s",
        counted + dropped == broker.events and repeated == 0 and grown <= 16 * MIB and slowest <= run.seconds(1),
    )


def connects(broker, pattern):
    """Seconds at which clients of this name were accepted: {second: how many}."""
    with open(os.path.join(broker.directory, "mosquitto.out")) as log:
        return collections.Counter(row.split(":")[0] for row in log if "New client connected" in row and pattern in row)


def storm(run):
    """All exporters of a fleet lose one broker."""
    broker = Broker(run.directory).start()
    count = run.pick(15, 100)
    fleet = []
    for number in range(count):
        config = os.path.join(run.directory, "exporter.yaml")
        with open(config, "w") as file:
            file.write(FLEET.format(port=broker.port))
        exporter = Exporter(run.directory, None, f"--config.file={config}", name=f"exporter-{number}")
        fleet.append(exporter.start())
    for exporter in fleet:
        wait_up(exporter)
    before = sum(connects(broker, " as mqtt-reason-exporter-").values())
    broker.stop()
    broker.start()
    wait_until(
        "all are back", lambda: sum(connects(broker, " as mqtt-reason-exporter-").values()) >= before + count, 90, 0.2
    )
    seconds = connects(broker, " as mqtt-reason-exporter-")
    restarted = sorted(seconds.items())[-60:]
    busiest = max(number for second, number in restarted if int(second) >= int(first_after(broker)))
    return Outcome(f"{count} exporters, at most {busiest} connects in a second", busiest <= 15)


FLEET = """brokers:
  - name: hall
    profile: emqx
    sources: [{{name: events, mqtt: {{url: "mqtt://127.0.0.1:{port}", backoff_min: 1s, backoff_max: 30s}}}}]
"""


def first_after(broker):
    """The second at which the broker was started last."""
    with open(os.path.join(broker.directory, "mosquitto.out")) as log:
        return [row.split(":")[0] for row in log if " starting" in row][-1]


def one_client_id(run):
    """Two exporters with one client id take the connection from each other."""
    broker = Broker(run.directory).start()
    pair = []
    for name in ("one", "two"):
        directory = os.path.join(run.directory, name)
        os.mkdir(directory)
        config = os.path.join(directory, "exporter.yaml")
        with open(config, "w") as file:
            file.write(FLEET.format(port=broker.port).replace("backoff_min", "client_id: twin, backoff_min"))
        pair.append(Exporter(directory, None, f"--config.file={config}"))
    for exporter in pair:
        exporter.start()
    seconds = run.pick(8, 60)
    time.sleep(seconds)
    taken = sum(connects(broker, " as twin ").values()) - 2
    said = any("another client uses the client id" in exporter.last_words(4000) for exporter in pair)
    return Outcome(f"{taken} take-overs in {seconds} s, {'said' if said else 'not said'}", taken <= 6 and (said or not run.full))


ROWS = (
    Row("54", "100 exporters lose one broker", "at most 15 connects in a second", storm, alone=True, in_short=False),
    Row("62", "two exporters with one client id", "at most 6 take-overs in a minute, with the reason", one_client_id),
    Row("63", "payload of 50 MiB, MQTT 5", "events exact, at most +2 MiB", large_in_5, alone=True),
    Row("63b", "payload of 50 MiB, MQTT 3.1.1", "a new connection, then exact, at most +2 MiB", large_in_3, alone=True),
    Row(
        "66",
        "flood of events",
        "counted + dropped = sent, 0 repeated, at most +16 MiB, scrape at most 1 s",
        flood,
        times=3,
        alone=True,
    ),
)
