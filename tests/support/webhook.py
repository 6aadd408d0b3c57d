#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A receiver for the webhook of Alertmanager.

    webhook.py --listen 127.0.0.1:9099 --rows FILE

Appends one row, with tabs between the columns, for each alert in each notification: firing or resolved, name, severity, broker,
runbook_url, summary, dashboard_url. "-": the alert does not have it."""

import argparse
import http.server
import json


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        notification = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in notification["alerts"]:
            fields = alert["labels"] | alert["annotations"]
            row = [alert["status"], *(fields.get(name, "-") for name in ("alertname", "severity", "broker", "runbook_url", "summary", "dashboard_url"))]
            print(*row, sep="\t", file=self.server.rows, flush=True)
        self.send_response(204)
        self.end_headers()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--listen", required=True, metavar="HOST:PORT")
    arguments.add_argument("--rows", required=True, metavar="FILE")
    options = arguments.parse_args()
    host, port = options.listen.rsplit(":", 1)
    with open(options.rows, "a", encoding="utf-8") as rows, http.server.HTTPServer((host, int(port)), Receiver) as server:
        server.rows = rows
        server.serve_forever()


if __name__ == "__main__":
    main()
