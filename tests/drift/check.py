#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check.py [--update] [--exporter FILE] BROKER DIRECTORY

Reads a checkout of a broker's sources and lists the templates of the log lines that it writes. Replays each template as a line
of the log, and prints which of them no rule of the profile reads, and the differences to templates/BROKER.txt. --update writes
that file. --exporter names the program; the default is MRE_BINARY, else the release build. Exit code: 0 no difference, 1
differences, 2 an error."""
import argparse
import difflib
import os
import pathlib
import re
import subprocess
import sys

from brokers import BROKERS

HERE = pathlib.Path(__file__).resolve().parent
NO_RULE = '-'
COMMENT = {'c': r'/\*.*?\*/|//[^\n]*', 'java': r'/\*.*?\*/|//[^\n]*', 'erlang': r'%[^\n]*'}
STRING = r'"(?:[^"\\\n]|\\.)*"'
TOKEN = re.compile(STRING + r"|'(?:[^'\\\n]|\\.)'|[(),+]|[^\s(),+\"']+|\s+|.")
VALUE = {
    'c': re.compile(r'%(?:[-+ #0]*[\d.*]*(?:hh|h|ll|l|z|j|t)?(?P<kind>[a-zA-Z])|%)'),
    'erlang': re.compile(r'~[\d.*]*t?(?P<kind>[a-zA-Z~])'),
    'java': re.compile(r'\{\}|%(?P<kind>[sdb])'),
}
MARK = {'c': '%s', 'java': '{}', 'erlang': '~s'}
NUMBERS = {'c': 'diuxXc', 'erlang': 'bB', 'java': 'd'}
OUTCOME = re.compile(r'^(matched|ignored|unrecognised|malformed)(?: \((\w+)\))? +(\S+) ')


def stop(why):
    """Ends the program as after an error, not as after differences."""
    print(f'check.py: {why}', file=sys.stderr)
    sys.exit(2)


def without_comments(text, printf):
    """Replaces comments by a blank. A string that looks like a comment is unchanged."""
    return re.sub(STRING + '|' + COMMENT[printf], lambda m: m[0] if m[0].startswith('"') else ' ', text, flags=re.S)


def literals(text, at, mark):
    """The string literals of the call whose arguments begin at `at`: one for each argument that has any. What is added to
    them with + becomes the mark."""
    found, arguments = [], [[None, False]]  # of each open parenthesis: the literal of this argument, and a + that waits
    for token in TOKEN.finditer(text, at):
        word, argument = token[0], arguments[-1]
        if word.startswith('"'):
            part = re.sub(r'\\(.)', lambda m: {'n': ' ', 't': ' '}.get(m[1], m[1]), word[1:-1])
            part = mark + part if argument[1] else part
            if argument[0] is None:
                argument[0] = len(found)
                found.append(part)
            else:
                found[argument[0]] += part
            argument[1] = False
        elif word == '(':
            arguments.append([None, False])
        elif word in '),':
            if argument[0] is not None and argument[1]:
                found[argument[0]] += mark
            arguments.pop()
            if word == ',':
                arguments.append([None, False])
            elif not arguments:
                break
        elif word == '+':
            argument[1] = True
        elif re.fullmatch(r'PRI[a-zA-Z0-9]+', word) and argument[0] is not None:  # the rest of a %: PRIu64 is "lu"
            found[argument[0]] += 'u'
    return found


def templates(broker, directory):
    """{template: line to replay}, of all files of the broker below the directory."""
    found = {}
    files = sorted({file for glob in broker.files for file in pathlib.Path(directory).glob(glob) if file.is_file()})
    for file in files:
        text = without_comments(file.read_text(encoding='utf-8', errors='replace'), broker.printf)
        for call in (call for call in broker.calls if file.match(call.file)):
            for match in re.finditer(call.start, text, flags=re.S):
                named = [value for value in match.groupdict().values() if value is not None]
                strings = named or literals(text, match.end(), MARK[broker.printf])
                which = 0 if named else call.literal
                if which >= len(strings) or not strings[which].strip():
                    continue
                template = ' '.join(strings[which].split())
                if re.search(broker.about, template):
                    line = call.line.replace('{n}', str(1000 + len(found))).replace('{}', render(template, broker))
                    found[template] = line + (fields(text, match.end(), broker) if call.fields else '')
    return found


def fields(text, at, broker):
    """The keys of the map from `at` on, with neutral values."""
    keys = re.findall(r'\b(\w+)\s*=>', text[at:text.find('}', at)])
    return ''.join(f', {key}: {dict(broker.values).get(key, broker.text)}' for key in keys)


def render(template, broker):
    """The template with a neutral value for each mark."""
    def value(match):
        kind = match.groupdict().get('kind')
        if match[0] in ('%%', '~~'):
            return match[0][0]
        if kind == 'n':
            return ''
        return '1' if kind and kind in NUMBERS[broker.printf] else broker.text
    return VALUE[broker.printf].sub(value, template)


def prefix_faults(broker, directory, knows):
    """What is to be said of the prefixes that the sources name. `knows(lines)`: for each whether the profile knows how it
    begins."""
    text, lines = [], []
    for prefix in broker.prefixes:
        files = sorted(pathlib.Path(directory).glob(prefix.file))
        found = [m['text'] for f in files for m in re.finditer(prefix.find, f.read_text(encoding='utf-8', errors='replace'), re.S)]
        name = ' '.join(' '.join(found).split())
        if not found:
            text.append(f'prefix not found: read what {prefix.file} says of it, and correct brokers.py')
        elif name not in prefix.lines:
            text.append(f'new prefix in {prefix.file}: {name}\n     give it to the profile, and a line that begins so to brokers.py')
        else:
            lines.append(prefix.lines[name])
    text += [f'prefix that the profile does not know: {line}' for line, known in zip(lines, knows(lines)) if not known]
    return text


def known_prefixes(exporter, name, lines):
    """Whether the profile knows how each line begins."""
    return [head[2] != 'no_prefix' for head in heads(exporter, name, [line + 'x' for line in lines])] if lines else []


def rules(exporter, name, lines):
    """The rule that knows each line; NO_RULE if none does."""
    found = heads(exporter, name, lines)
    foreign = sum(head[2] == 'no_prefix' for head in found)
    if foreign == len(found) > 0:
        stop(f'no line begins as the profile {name} expects: correct the lines of brokers.py')
    return [head[3] for head in found]


def heads(exporter, name, lines):
    """What `replay --explain` says of each line, as OUTCOME finds it."""
    run = subprocess.run([exporter, 'replay', '--explain', '--broker.profile', name, '--replay.format', 'log', '-'],
                         input='\n'.join(lines) + '\n', capture_output=True, encoding='utf-8', errors='replace', check=False)
    if run.returncode != 0:
        stop(f'{exporter} replay failed: {run.stderr.strip()}')
    found = [head for head in map(OUTCOME.match, run.stdout.split('\n')) if head]
    if len(found) != len(lines):
        stop(f'{exporter} replay printed {len(found)} records for {len(lines)} lines')
    return found


def read_list(file):
    """{template: rule} of a committed list."""
    if not file.exists():
        return {}
    rows = (row.split('\t', 1) for row in file.read_text(encoding='utf-8').split('\n') if row)
    return {template: rule for rule, template in rows}


def differences(known, found):
    """What an operator of this check reads; empty if the list still holds."""
    new, gone = sorted(found.keys() - known.keys()), sorted(known.keys() - found.keys())
    text = []
    for template in new:
        rule = 'no rule knows it' if found[template] == NO_RULE else f'rule {found[template]}'
        old = difflib.get_close_matches(template, gone, 1, 0.75)
        if old:
            gone.remove(old[0])
            text.append(f'changed ({rule}): {old[0]}\n     to: {template}')
        else:
            text.append(f'new ({rule}): {template}')
    text += [f'vanished (rule {known[template]}): {template}' for template in gone]
    for template in sorted(known.keys() & found.keys()):
        if known[template] != found[template]:
            text.append(f'rule {known[template]} before, {found[template]} now: {template}')
    return text


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--update', action='store_true')
    parser.add_argument('--exporter', default=os.environ.get('MRE_BINARY', str(HERE.parent.parent / 'build/release/mqtt-reason-exporter')))
    parser.add_argument('broker', choices=sorted(BROKERS))
    parser.add_argument('directory')
    args = parser.parse_args()
    lines = templates(BROKERS[args.broker], args.directory)
    if not lines:
        parser.error(f'no template in {args.directory}: is it a checkout of {args.broker}? Its files: {", ".join(BROKERS[args.broker].files)}')
    found = dict(zip(lines, rules(args.exporter, args.broker, list(lines.values()))))
    file = HERE / 'templates' / f'{args.broker}.txt'
    text = prefix_faults(BROKERS[args.broker], args.directory, lambda begins: known_prefixes(args.exporter, args.broker, begins))
    text += differences(read_list(file), found)
    for line in text:
        print(line)
    print(f'{len(found)} templates, {sum(rule == NO_RULE for rule in found.values())} without a rule, {len(text)} differences')
    if args.update:
        file.parent.mkdir(exist_ok=True)
        file.write_text(''.join(f'{found[template]}\t{template}\n' for template in sorted(found)), encoding='utf-8')
        return 0
    return 1 if text else 0


if __name__ == '__main__':
    sys.exit(main())
