#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The extractor on small sources, and what is said of a difference."""
import contextlib
import io
import pathlib
import tempfile
import unittest

import check
from brokers import BROKERS, Broker, Call, Prefix


def extracted(text, broker, file='a.src'):
    """The templates of one file and the lines made from them."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding='utf-8')
        return check.templates(broker, directory)


def of(calls, printf='c', about=''):
    return Broker(('*.src',), calls, about, printf)


LOG = (Call(r'\blog\s*\(', '1: {}'),)


class Extractor(unittest.TestCase):
    def test_reads_calls(self):
        rows = (
            ('a call', 'log(x, "Client %s ended");', {'Client %s ended': '1: Client x ended'}),
            ('numbers and texts', 'log("a %d b %5.2s c %llu d %%");', {'a %d b %5.2s c %llu d %%': '1: a 1 b x c 1 d %'}),
            ('a string in several parts', 'log("a "\n   "b");', {'a b': '1: a b'}),
            ('a macro for the width of a number', 'log("n %" PRIu64 " m", n);', {'n %u m': '1: n 1 m'}),
            ('nested calls', 'log(f("level"[0]), g(1)); other("no");', {'level': '1: level'}),
            ('text after the call', 'log(x); "no";', {}),
            ('parentheses and escaped quotes in a string', r'log("a) \"b\" (c");', {'a) "b" (c': '1: a) "b" (c'}),
            ('texts added', 'log(x + " a " + f(y, "z")[0] + "b" + c);', {'%s a %sb%s': '1: x a xbx'}),
            ('comments', '// log("no");\n/* log("no") */ log("yes"); log("http://x");', {'yes': '1: yes', 'http://x': '1: http://x'}),
        )
        for why, text, wanted in rows:
            with self.subTest(why):
                self.assertEqual(extracted(text, of(LOG)), wanted)

    def test_reads_erlang(self):
        rows = (
            ('values and line ends', 'log("a ~ts b ~p~n", [A, B]).', {'a ~ts b ~p~n': '1: a x b x'}),
            ('numbers', 'log("a ~b").', {'a ~b': '1: a 1'}),
            ('comments', '%% log("no").\nlog("50~~").', {'50~~': '1: 50~'}),
        )
        for why, text, wanted in rows:
            with self.subTest(why):
                self.assertEqual(extracted(text, of(LOG, 'erlang')), wanted)

    def test_takes_the_string_that_the_call_names(self):
        broker = of((Call(r'\bend\(', '1: {}', 1),), 'java')
        self.assertEqual(extracted('end(c, "log {}", "reason {}", null);', broker), {'reason {}': '1: reason x'})

    def test_reads_a_call_only_in_its_files(self):
        calls = (Call(r'\blog\(', 'b: {}', file='b.*'), Call(r'\blog\(', 'a: {}', file='a.*'))
        self.assertEqual(extracted('log("x");', of(calls)), {'x': 'a: x'})

    def test_gives_the_keys_of_a_map_neutral_values(self):
        broker = Broker(('*.src',), (Call(r'msg => "(?P<text>[^"]*)"', 'msg: {}', fields=True),), '', 'erlang', 'x', (('id', '9'),))
        self.assertEqual(extracted('#{msg => "a", id => I, why => {b, c}}, #{no => 1}', broker), {'a': 'msg: a, id: 9, why: x'})

    def test_takes_only_what_the_broker_is_asked_about(self):
        self.assertEqual(list(extracted('log("client refused"); log("reading file");', of(LOG, about='refused'))), ['client refused'])

    def test_knows_the_calls_of_each_broker(self):
        rows = (
            ('mosquitto', 'src/deep/a.c', 'log__printf(NULL, MOSQ_LOG_NOTICE, "Client %s disconnected.", id);', 'Client %s disconnected.'),
            ('emqx', 'apps/emqx/src/emqx_channel.erl', '?SLOG(warning, #{msg => "malformed_packet", r => R})', 'malformed_packet'),
            ('emqx', 'apps/emqx/src/emqx_channel.erl', '?TRACE("A", #{msg => authentication_failure, r => R})', 'authentication_failure'),
            ('rabbitmq', 'deps/rabbitmq_mqtt/src/a.erl', '?LOG_ERROR("MQTT login failed: ~p", [A])', 'MQTT login failed: ~p'),
            ('rabbitmq', 'deps/rabbitmq_mqtt/src/a.erl', 'rabbit_log_connection:error("MQTT login failed", [])', 'MQTT login failed'),
            ('vernemq', 'apps/vmq_server/src/a.erl', 'lager:warning("invalid client id ~p", [A])', 'invalid client id ~p'),
            ('ejabberd', 'src/mod_mqtt_session.erl', 'format_error({tls, Reason}) ->\n  format("TLS failed: ~ts", [R]);', 'TLS failed: ~ts'),
            ('flashmq', 'client.cpp', 'throw ProtocolError("Invalid topic", ReasonCodes::X);', 'Invalid topic'),
            ('nanomq', 'src/sp/protocol/a.c', 'log_warn("closing pipe %u", p);', 'closing pipe %u'),
            ('hivemq', 'src/main/java/A.java', 'mqttServerDisconnector.disconnect(c, "log", "Sent it", null);', 'Sent it'),
        )
        for broker, file, text, wanted in rows:
            with self.subTest(broker + ': ' + wanted):
                self.assertEqual(list(extracted(text, BROKERS[broker], file)), [wanted])


class Prefixes(unittest.TestCase):
    def test_says_which_the_profile_does_not_know(self):
        broker = Broker(('*.src',), (), prefixes=(Prefix('*.src', r'begin\("(?P<text>[^"]*)"\)', {'%t [%p]': '1 [2] ', '%t': '1 '}),))
        rows = (
            ('known', 'begin("%t"); begin("[%p]");', ['1 [2] '], []),
            ('not known to the profile', 'begin("%t");', ['1 [2] '], ['prefix that the profile does not know: 1 ']),
            ('new', 'begin("%x");', [], ['new prefix in *.src: %x\n     give it to the profile, and a line that begins so to brokers.py']),
            ('not found', 'start("%t");', [], ['prefix not found: read what *.src says of it, and correct brokers.py']),
        )
        for why, text, known, wanted in rows:
            with self.subTest(why), tempfile.TemporaryDirectory() as directory:
                pathlib.Path(directory, 'a.src').write_text(text, encoding='utf-8')
                said = check.prefix_faults(broker, directory, lambda lines: [line in known for line in lines])
                self.assertEqual(said, wanted)

    def test_has_one_for_each_broker(self):
        self.assertEqual([name for name, broker in BROKERS.items() if not broker.prefixes], [])


class Exporter(unittest.TestCase):
    def test_that_fails_is_an_error_and_not_a_difference(self):
        with self.assertRaises(SystemExit) as stopped, contextlib.redirect_stderr(io.StringIO()) as said:
            check.rules('false', 'mosquitto', ['1: a'])
        self.assertEqual(stopped.exception.code, 2)
        self.assertIn('false replay failed', said.getvalue())


class Differences(unittest.TestCase):
    def test_says_what_differs(self):
        rows = (
            ('nothing', {'a': 'r'}, {'a': 'r'}, []),
            ('new', {}, {'a': '-'}, ['new (no rule knows it): a']),
            ('vanished', {'a': 'r'}, {}, ['vanished (rule r): a']),
            ('changed', {'Client %s closed.': 'r'}, {'Client %s closed': '-'},
             ['changed (no rule knows it): Client %s closed.\n     to: Client %s closed']),
            ('another rule', {'a': 'r'}, {'a': '-'}, ['rule r before, - now: a']),
        )
        for why, known, found, wanted in rows:
            with self.subTest(why):
                self.assertEqual(check.differences(known, found), wanted)


if __name__ == '__main__':
    unittest.main()
