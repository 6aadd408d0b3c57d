# SPDX-License-Identifier: Apache-2.0
"""The part of RUNBOOK.md with a chapter for each error code, and for codes that are taken for errors. The exporter has the texts,
and causes.yaml has the causes."""

import pathlib
import re
import textwrap

import yaml

BEGIN, END = "<!-- codes: made by generate.py -->\n", "<!-- end of codes -->\n"
CLOSES = ("CONNACK", "DISCONNECT")
DENIALS = ("CONNACK", "PUBACK", "PUBREC", "SUBACK")
QUERY = """sum by (broker, {labels}) (increase({metric}{{class="error", reason="{reason}"}}[1h])) > 0"""

INFORMATIONAL = """## Codes that are not errors

Other tools often treat these codes as errors. The rules and alerts here never do.

"""


COLUMNS = 100
UNBROKEN = re.compile(r"`[^`]*`|\*\*[^*]*\*\*|\[[^]]*\]\([^)]*\)| [-+*>#|](?= )")  # stays within a line, and is not its first


def filled(paragraph):
    """The lines of one paragraph or item of a list as lines of COLUMNS at most."""
    indent = "  " if paragraph[0].startswith("- ") else ""
    text = UNBROKEN.sub(lambda match: match[0].replace(" ", "\0"), " ".join(line.strip() for line in paragraph))
    lines = textwrap.wrap(text, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in lines]


def wrapped(page):
    """The page with its prose filled; code, tables and headings as they are."""
    lines, paragraph, in_code = [], [], False
    for line in page.splitlines() + [""]:
        fence = line.startswith("```")
        prose = not in_code and not fence and line != "" and line[0] not in "#|<"
        if paragraph and (not prose or line.startswith("- ")):
            lines += filled(paragraph)
            paragraph = []
        if prose:
            paragraph.append(line)
        else:
            lines.append(line)
        in_code ^= fence
    return "\n".join(lines[:-1]) + "\n"


def listed(packets):
    return ", ".join(packets)


def chapter(reason, rows, causes):
    """One reason: its row of MQTT 5 first, those of MQTT 3.1.1 behind it."""
    five = next(row for row in rows if row["protocol"] == "5.0")
    older = [row for row in rows if row["protocol"] != "5.0"]
    yield f'<a id="{reason}"></a>\n\n### {five["code"]} {five["name"]}\n\n'
    facts = [f"`reason=\"{reason}\"`"]
    if five["broker_sends_in"]:
        facts.append(f"sent by the broker in {listed(five['broker_sends_in'])}")
    if five["client_sends_in"]:
        facts.append(f"by clients in {listed(five['client_sends_in'])}")
    facts += [f"in MQTT 3.1.1: {row['code']} in {listed(row['packets'])}" for row in older]
    yield "; ".join(facts) + f". MQTT {five['section']}.\n\n"
    yield f"**Meaning.** {five['meaning']}"
    yield "".join(f" MQTT {row['section']}: {row['meaning']}" for row in older if row["meaning"] != five["meaning"])
    yield "\n\n**Likely causes.**\n\n"
    yield "".join(f"- {broker}: {text}\n" for broker, text in causes.items())
    yield "\n**How to check.**\n\n```\n"
    yield QUERY.format(labels="packet, direction, protocol", metric="mqtt_reason_codes_total", reason=reason) + "\n"
    if set(five["packets"]) & set(CLOSES):
        yield QUERY.format(labels="protocol, initiator", metric="mqtt_reason_closes_without_code_total", reason=reason) + "\n"
    if set(five["packets"]) & set(DENIALS):
        yield QUERY.format(labels="protocol, action", metric="mqtt_reason_denials_without_code_total", reason=reason) + "\n"
    yield f"```\n\n**What to do.** {five['first_step']}"
    yield "".join(f" MQTT {row['section']}: {row['first_step']}" for row in older if row["first_step"] != five["first_step"])
    yield "\n\n"


def informational_chapter(row, causes):
    yield f'<a id="{row["reason"]}"></a>\n\n### {row["code"]} {row["name"]}\n\n'
    yield f'`reason="{row["reason"]}"`; sent by the broker in {listed(row["broker_sends_in"])}. MQTT {row["section"]}.\n\n'
    yield f"**Meaning.** {row['meaning']}\n\n"
    yield "**No alert.** `class=\"informational\"`: below 0x80, so the request succeeded. No alert fires for it, however many there are. In shares of errors it counts as a success.\n\n"
    yield f"**When to care.** {row['first_step']}\n\n"
    yield "".join(f"- {broker}: {text}\n" for broker, text in causes.items())
    yield "\n"


def with_codes(page, codes):
    """The page with that part generated again."""
    causes = yaml.safe_load((pathlib.Path(__file__).parent / "causes.yaml").read_text())
    informational = causes.pop("informational")
    errors = {}
    for row in codes:
        if row["class"] == "error":
            errors.setdefault(row["reason"], []).append(row)
    if set(errors) != set(causes):
        raise SystemExit(f"causes.yaml and the codes differ in {sorted(set(errors) ^ set(causes))}")
    part = "".join(text for reason, rows in errors.items() for text in chapter(reason, rows, causes[reason]))
    part += INFORMATIONAL
    for row in codes:
        if row["reason"] in informational:
            part += "".join(informational_chapter(row, informational.pop(row["reason"])))
    if informational:
        raise SystemExit(f"causes.yaml has codes that do not exist: {sorted(informational)}")
    made, times = re.subn(re.escape(BEGIN) + ".*" + re.escape(END), lambda _: BEGIN + "\n" + part + END, page, flags=re.S)
    if times != 1:
        raise SystemExit("RUNBOOK.md needs the two marks of its generated part, once")
    return wrapped(made)
