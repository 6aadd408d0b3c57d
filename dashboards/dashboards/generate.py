#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes what is generated below dashboards/: the JSON of the dashboards, and the codes' part of RUNBOOK.md.

    generate.py [--check] EXPORTER

The texts of the codes come from the exporter (`list codes`), so that they are written once. --check changes nothing, and
fails if a file is not what its sources make. Needs jsonnet and python3-yaml.
"""

import argparse
import json
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
import runbook  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parent
CODES = HERE / "lib/codes.jsonnet"  # not .json: Grafana, given the directory, would take it for a dashboard


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def dashboards():
    made = json.loads(run("jsonnet", "-e", f"(import '{OUT / 'mixin.libsonnet'}').grafanaDashboards"))
    return {OUT / name: json.dumps(made[name], indent=1, ensure_ascii=False) + "\n" for name in made}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("exporter")
    options = parser.parse_args()

    stale = []

    def put(path, text):
        if path.exists() and path.read_text() == text:
            return
        stale.append(path.relative_to(OUT.parent))
        if not options.check:
            path.write_text(text)

    put(CODES, run(options.exporter, "list", "codes", "--format", "json"))
    made = dashboards()
    for path, text in made.items():
        put(path, text)
    for path in set(OUT.rglob("*.json")) - made.keys() - {OUT / "jsonnetfile.json"}:
        raise SystemExit(f"{path} is no dashboard: remove it, or let it not end with .json")
    page = OUT / "RUNBOOK.md"
    put(page, runbook.with_codes(page.read_text(), json.loads(CODES.read_text())))

    for path in stale:
        print(f"{path} {'is not what its sources make: run dashboards/dashboards/generate.py' if options.check else 'written'}")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
