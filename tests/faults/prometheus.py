"""A real Prometheus that scrapes the exporter, and what it makes of the counters."""

import contextlib
import json
import os
import urllib.error
import urllib.parse
import urllib.request

import oracle
from process import PATIENCE, free_port, start, wait_until

SELECTED = 'mqtt_reason_codes_total{packet="CONNACK",direction="sent"}'


class Prometheus:
    def __init__(self, folder, exporter, interval):
        """Scrapes every `interval` (Prometheus' words) from now on."""
        self.port = free_port()
        config = os.path.join(folder, "prometheus.yml")
        with open(config, "w") as file:
            file.write(
                f"global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}\n"
                f'scrape_configs: [{{job_name: mre, static_configs: [{{targets: ["127.0.0.1:{exporter.port}"]}}]}}]\n'
            )
        start(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={folder}/prometheus",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--log.level=warn",
            ],
            os.path.join(folder, "prometheus.out"),
        )
        wait_until("Prometheus has scraped", lambda: self.series())

    def ask(self, query):
        url = f"http://127.0.0.1:{self.port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        with contextlib.suppress(OSError, urllib.error.URLError):
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                return json.load(answer)["data"]["result"]
        return []

    def series(self):
        """Every sample it has, in order: {index of the code: [value, ...]}."""
        samples = {}
        for series in self.ask(SELECTED + "[1h]"):
            code = int(series["metric"]["code"], 16)
            if code >= oracle.FIRST_CODE:
                samples[code - oracle.FIRST_CODE] = [float(value) for _, value in series["values"]]
        return samples

    def wait_for_last(self, counts):
        """Until its last samples are these."""

        def there():
            samples = self.series()
            return all(samples.get(index, [0])[-1] == count for index, count in enumerate(counts))

        wait_until("Prometheus has the last values", there)

    def increase(self):
        """As its own increase() without the extrapolation: ({index: first value}, {index: increase}, resets).

        A drop counts as a reset, after which the whole new value is an increase.
        """
        first, increases, resets = {}, {}, 0
        for index, values in self.series().items():
            first[index] = values[0]
            increases[index] = 0
            for before, after in zip(values, values[1:]):
                resets += after < before
                increases[index] += after if after < before else after - before
        return first, increases, resets

    def verdict(self, want):
        """(verdict over what was increased since its first scrape, resets it saw).

        A series that it met later than the others began with what it had then, as far as Prometheus knows.
        """
        first, increases, resets = self.increase()
        since = [count - int(first.get(index, 0)) for index, count in enumerate(want)]
        return oracle.judge(since, [int(increases.get(index, 0)) for index in range(oracle.CODES)]), resets
