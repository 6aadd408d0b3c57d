# SPDX-License-Identifier: Apache-2.0
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
    def __init__(self, directory, exporter, interval):
        """Scrapes every `interval` (Prometheus' words) from now on."""
        self.port = free_port()
        config = os.path.join(directory, "prometheus.yml")
        with open(config, "w") as file:
            file.write(
                f"global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}\n"
                f'scrape_configs: [{{job_name: mre, static_configs: [{{targets: ["127.0.0.1:{exporter.port}"]}}]}}]\n'
            )
        start(
            [
                "prometheus",
                f"--config.file={config}",
                f"--storage.tsdb.path={directory}/prometheus",
                f"--web.listen-address=127.0.0.1:{self.port}",
                "--log.level=warn",
            ],
            os.path.join(directory, "prometheus.out"),
        )
        wait_until("Prometheus has scraped", lambda: self.series())

    def ask(self, query):
        url = f"http://127.0.0.1:{self.port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
        with contextlib.suppress(OSError, urllib.error.URLError):
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                return json.load(answer)["data"]["result"]
        return []

    def series(self):
        """Every series with its samples, in order: [(index of the code, [value, ...]), ...]. A code may have several."""
        found = []
        for series in self.ask(SELECTED + "[1h]"):
            code = int(series["metric"]["code"], 16)
            if code >= oracle.FIRST_CODE:
                found.append((code - oracle.FIRST_CODE, [float(value) for _, value in series["values"]]))
        return found

    def wait_for_last(self, counts):
        """Until its last samples are these."""
        wait_until("Prometheus has the last values", lambda: summed(self.series(), lambda values: values[-1]) == counts)

    def verdict(self, want):
        """(verdict over the increase since its first scrape, resets it saw).

        The increase is that of its own increase(), without the extrapolation to the ends of the range: a drop is a reset,
        after which the whole new value counts. What a series had when Prometheus first scraped it is not an increase.
        """
        series = self.series()
        first = summed(series, lambda values: values[0])
        resets = sum(after < before for _, values in series for before, after in zip(values, values[1:]))
        since = [count - before for count, before in zip(want, first)]
        return oracle.judge(since, summed(series, increase)), resets


def increase(values):
    return sum(after if after < before else after - before for before, after in zip(values, values[1:]))


def summed(series, figure):
    """The figure of each series, added up by code."""
    counts = [0] * oracle.CODES
    for index, values in series:
        counts[index] += int(figure(values))
    return counts
