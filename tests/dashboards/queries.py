# SPDX-License-Identifier: Apache-2.0
"""The queries of a dashboard as Grafana asks them: with values for its variables."""

import collections
import json
import pathlib

Query = collections.namedtuple("Query", "dashboard panel letter expr instant exemplar")


def all_panels(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def queries_of(path, *, rate_interval, range):
    """Every query of every panel of one file. Of what an operator chooses all is chosen."""
    dashboard = json.loads(pathlib.Path(path).read_text())
    values = {"$__rate_interval": rate_interval, "$__range": range}
    values |= {f"${variable['name']}": ".+" for variable in dashboard["templating"]["list"]}
    for panel in all_panels(dashboard):
        for target in panel.get("targets", []):
            expr = target["expr"]
            for name, value in values.items():
                expr = expr.replace(name, value)
            yield Query(pathlib.Path(path).name, panel["title"], target["refId"], expr, target.get("instant", False), target.get("exemplar", False))
