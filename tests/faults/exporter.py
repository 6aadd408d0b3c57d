# SPDX-License-Identifier: Apache-2.0
"""The exporter under test: started, killed, scraped and judged."""

import contextlib
import http.client
import os
import re
import signal
import statistics
import time

import oracle
from process import PATIENCE, Failure, end, free_port, start, wait_until

SAMPLE = re.compile(r'^([a-z_]+)(?:\{(.*)\})? ([^ ]+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


def binary():
    return os.path.realpath(os.environ["MRE_BINARY"])


class Exposition:
    """What one scrape said."""

    def __init__(self, samples):
        self.samples = samples

    @classmethod
    def parse(cls, text):
        found = (SAMPLE.match(row) for row in text.splitlines() if not row.startswith("#"))
        return cls([(row[1], dict(LABEL.findall(row[2] or "")), float(row[3])) for row in found if row])

    def of(self, broker):
        return Exposition([sample for sample in self.samples if sample[1].get("broker") == broker])

    def total(self, name, **labels):
        """The sum of the metric's series with these labels."""
        values = [
            value
            for metric, has, value in self.samples
            if metric == name and all(has.get(label) == want for label, want in labels.items())
        ]
        if not values:
            raise Failure(f"no series {name} {labels or ''}")
        return sum(values)

    def counts(self):
        """The vector that the oracle judges."""
        counts = [0] * oracle.CODES
        for metric, labels, value in self.samples:
            if metric == "mqtt_reason_codes_total" and labels["packet"] == "CONNACK" and labels["direction"] == "sent":
                code = int(labels["code"], 16)
                if code >= oracle.FIRST_CODE:
                    counts[code - oracle.FIRST_CODE] += int(value)
        return counts

    def below(self, earlier):
        """By how much series are lower than in an earlier scrape. One that is not served is not lower."""
        if not any(metric == "mqtt_reason_codes_total" for metric, _, _ in self.samples):
            return 0
        return sum(max(0, before - now) for before, now in zip(earlier.counts(), self.counts()))

    def records(self):
        return int(self.total("mqtt_reason_source_records_total"))


class Exporter:
    """One exporter that follows `log`, with its state in `directory`; every start of it uses the same port and state.

    `prefix` is a command that runs the exporter's: prlimit, setpriv, ...
    """

    def __init__(self, directory, log, *flags, prefix=(), environment=None, state=None, name="exporter"):
        self.directory, self.port, self.process = directory, free_port(), None
        self.state = state or os.path.join(directory, name + ".state")
        self.out = os.path.join(directory, name + ".out")
        self.environment = {**os.environ, **(environment or {})}
        self.command = [*prefix, binary(), f"--web.listen-address=127.0.0.1:{self.port}", f"--state.dir={self.state}"]
        if log:
            self.command += ["--broker.profile=mosquitto", f"--log.path={log}"]
        self.command += flags

    def launch(self):
        if self.process and self.process.poll() is None:
            raise Failure("it runs already")
        self.process = start(self.command, self.out, env=self.environment)
        return self

    def start(self):
        """Launches it and waits until it serves."""
        self.launch()
        self.wait_until_it_serves()
        return self

    def start_first(self):
        """The first start of all: waits until its place is on disk, so that the next one knows where this one began."""
        self.start()
        wait_until("the first checkpoint", lambda: self.scrape().total("mqtt_reason_checkpoint_durable") == 1)
        return self

    def wait_until_it_serves(self):
        wait_until("the exporter serves", self.serves, pause=0.005)

    def serves(self):
        if self.process.poll() is not None:
            raise Failure(f"the exporter ended with {self.process.returncode}: {self.last_words()}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get("/-/healthy", 2) is not None
        return False

    def last_words(self, characters=300):
        """The end of its own log."""
        with open(self.out, errors="replace") as out:
            return " ".join(out.read()[-characters:].split())

    def log_lines(self):
        """The lines of its own log."""
        with open(self.out, errors="replace") as out:
            return out.read().splitlines()

    def get(self, path, timeout=PATIENCE):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read().decode()
            if answer.status != 200:
                raise Failure(f"{path} was answered with {answer.status}")
            return body
        finally:
            connection.close()

    def scrape(self):
        return Exposition.parse(self.get("/metrics"))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        return end(self.process)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    # ---- Judging.

    def settle(self, want, quiet=1.0, patience=PATIENCE, broker=None):
        """Waits until it has counted what is wanted, or its count has not changed for long; returns the last scrape.

        It may count too much as well: so it is looked at once more after `quiet` seconds. With a `broker`, only what is
        of it.
        """
        deadline, last, since = time.monotonic() + patience, None, time.monotonic()
        while True:
            scrape = self.scrape()
            if broker:
                scrape = scrape.of(broker)
            now = time.monotonic()
            if scrape.counts() != last:
                last, since = scrape.counts(), now
            reached = sum(last) >= sum(want)
            if now - since > (quiet if reached else 4 * quiet + 2) or now > deadline:
                return scrape
            time.sleep(0.05)

    def verdict(self, lines, gap=(), **waiting):
        """How the counters compare with lines 0 to `lines` - 1, of which those of the copy gap may be missing."""
        want = oracle.truth(0, lines)
        scrape = self.settle(want, **waiting)
        verdict = oracle.judge(want, scrape.counts(), gap)
        # A second witness that does not look at codes. Records include what is not a CONNACK of the writer.
        if verdict.exact() and scrape.records() < lines - len(gap):
            raise Failure(f"the counters are exact, but {scrape.records()} records were read of {lines}")
        return verdict

    # ---- Memory, in bytes.

    def memory(self, what):
        """VmHWM (peak of all resident), RssAnon, ... of /proc/PID/status."""
        with open(f"/proc/{self.process.pid}/status") as status:
            for row in status:
                if row.startswith(what + ":"):
                    return int(row.split()[1]) * 1024
        raise Failure(f"no {what} in /proc/PID/status")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


def percentile(values, part):
    """The value that `part` of 1 of the values do not exceed."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=1000, method="inclusive")[round(part * 1000) - 1]
