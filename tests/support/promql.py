# SPDX-License-Identifier: Apache-2.0
"""What a PromQL expression asks for: its selectors, and the labels that it names or makes. Enough of the language for the
rules, dashboards and queries of this project; promtool says whether they are PromQL at all."""

import re

TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"|'[^']*')|(?P<range>\[[^\]]*\])|(?P<number>\d[\w.]*)"""
    r"""|(?P<name>\$\{[^}]*\}|\$?[A-Za-z_:][\w:]*)|(?P<sign>=~|!~|!=|[=(){},]|\S)""",
    re.VERBOSE,
)
LISTS_OF_LABELS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
WORDS = LISTS_OF_LABELS | {"and", "or", "unless", "offset", "bool", "inf", "nan"}


def parts(expression):
    """The selectors [(metric, {label: (sign, value)})] of an expression, the labels it names elsewhere, and those it makes."""
    tokens = [(m.lastgroup, m.group()) for m in TOKEN.finditer(re.sub(r"#.*", "", expression))]
    selectors, labels, made, functions, i = [], set(), set(), [], 0
    while i < len(tokens):
        kind, text = tokens[i]
        after = tokens[i + 1][1] if i + 1 < len(tokens) else ""
        if text in LISTS_OF_LABELS and after == "(":
            i += 2
            while tokens[i][1] != ")":
                labels |= {tokens[i][1]} - {","}
                i += 1
        elif text == "(":
            functions.append((tokens[i - 1][1] if i else "", []))
        elif text == ")" and functions:
            name, texts = functions.pop()
            if name == "label_replace":  # (v, made, replacement, source, pattern)
                made.add(texts[0])
                labels |= {texts[2]} - {""}
            elif name == "label_join":  # (v, made, separator, sources...)
                made.add(texts[0])
                labels |= set(texts[2:])
        elif kind == "text" and functions:
            functions[-1][1].append(text[1:-1])
        elif kind == "name" and not text.startswith("$") and text.lower() not in WORDS and after != "(" and after not in LISTS_OF_LABELS:
            if functions and functions[-1][0] == "label_values" and tokens[i - 1][1] == ",":
                labels.add(text)
            else:
                matchers, i = matchers_at(tokens, i + 1) if after == "{" else ({}, i)
                selectors.append((text, matchers))
        elif text == "{":  # Of any metric.
            matchers, i = matchers_at(tokens, i)
            selectors.append(("", matchers))
        i += 1
    return selectors, labels, made


def matchers_at(tokens, i):
    """{label: (sign, value)} of the braces that begin at token i, and the place of the last one."""
    matchers = {}
    while tokens[i][1] != "}":
        if tokens[i][0] == "name":
            matchers[tokens[i][1]] = (tokens[i + 1][1], tokens[i + 2][1][1:-1])
            i += 2
        i += 1
    return matchers, i


def asked(expression):
    """(metrics, labels asked for, labels that the expression makes itself)."""
    selectors, labels, made = parts(expression)
    metrics = {metric for metric, _ in selectors} - {""}
    return metrics, labels.union(*(matchers for _, matchers in selectors)) - made, made
