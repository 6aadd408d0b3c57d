#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whether a text that shows hostile client ids is valid and bounded.

    hostile_ids.py json|lines|html|exposition|table [COUNT] <TEXT

`lines` are JSON, of which COUNT are expected. Fails with what is wrong.
"""

import json
import re
import sys

KIND = sys.argv[1]
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else None
LONGEST = 300  # bytes of a client's text; the exporter cuts at 256
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")
SAMPLE = re.compile(r'[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*",?)*\})? [0-9.e+]+( # \{([a-z_]+="([^"\\]|\\.)*",?)*\} 1(\.0)? [0-9.]+)?')


def texts_of(value):
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_of(inner)


def check(good, what):
    if not good:
        sys.exit(f"{KIND}: {what}"[:500])


def check_json(text):
    for one in texts_of(json.loads(text)):
        check(not CONTROLS.search(one), f"control characters in {one!r}")
        check(len(one.encode()) <= LONGEST, f"a text of {len(one)} characters")


if KIND == "lines":
    found = 0
    for line in sys.stdin.buffer:
        check_json(line.decode())
        found += 1
    check(COUNT is None or found == COUNT, f"{found} lines, not {COUNT}")
    sys.exit()

text = sys.stdin.buffer.read().decode()  # fails if it is not UTF-8
check(text, "nothing")
if KIND == "json":
    check_json(text)
    check(len(text) < 2_000_000, f"{len(text)} characters")
elif KIND == "exposition":
    for line in text.splitlines():
        check(line.startswith("#") or SAMPLE.fullmatch(line), line)
    check(len(text) < 1_000_000, f"{len(text)} characters")
else:
    check(not CONTROLS.search(text), f"control characters: {CONTROLS.search(text)}")
    check(len(text) < 3_000_000, f"{len(text)} characters")
    if KIND == "html":
        check("<script>alert" not in text and "<img" not in text, "markup of a client")
