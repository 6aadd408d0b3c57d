# SPDX-License-Identifier: Apache-2.0
"""A Prometheus, asked through its HTTP API."""

import json
import time
import urllib.parse
import urllib.request

PATIENCE = 60  # seconds for one answer


class Prometheus:
    def __init__(self, url, patience=PATIENCE):
        self.url, self.patience = url, patience

    def get(self, path, **parameters):
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=self.patience) as answer:
            return json.load(answer)["data"]

    def instant(self, expr):
        return self.get("query", query=expr)["result"]

    def over_time(self, expr, seconds, step):
        now = time.time()
        return self.get("query_range", query=expr, start=now - seconds, end=now, step=step)["result"]

    def label_values(self, selector, label):
        return self.get(f"label/{label}/values", **{"match[]": selector})
