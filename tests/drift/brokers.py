# SPDX-License-Identifier: Apache-2.0
"""Where each broker's sources write what its profile reads. One entry is a kind of log call."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Call:
    """A call that writes a line of the log, or a reason that becomes a part of one.

    start: a regular expression that ends where the arguments begin. Up to the end of the call, the string literals are
    used. If it has a group "text", that is the template, and the arguments are not read.
    line: the line of the log, with {} where the template is and {n} where each line has its own number. It begins as in the
        examples of the profile.
    literal: which of the arguments that have string literals is the template.
    fields: the call has a map, whose keys follow in the line as ", KEY: VALUE".
    file: a glob of the names of the files where it is; default: all.
    """
    start: str
    line: str
    literal: int = 0
    fields: bool = False
    file: str = '*'


@dataclass(frozen=True)
class Prefix:
    """Where the sources say what a line of the log begins with.

    file: a glob below the checkout.
    find: a regular expression with a group "text". What it finds in the file, joined by a blank, names the prefix.
    lines: for each such name that was read, how a line begins with it.
    """
    file: str
    find: str
    lines: dict


@dataclass(frozen=True)
class Broker:
    files: tuple  # globs below the checkout
    calls: tuple
    about: str = ''  # a regular expression: only templates that it finds; empty: all
    printf: str = 'c'  # how values are marked in a template: c, erlang or java
    text: str = 'x'  # a neutral value
    values: tuple = ()  # of keys whose value has to have a form: (KEY, VALUE)
    prefixes: tuple = ()


# Ends of connections, refusals, denials and packets, in the words that brokers have for them.
EVENTS = (r'(?i)connect|disconnect|denied|refus|reject|forbid|not authori[sz]ed|access|auth|login|malformed|protocol error|'
          r'invalid|timeout|timed out|keep.?alive|expired|exceed|closed|closing|too large|taken over|duplicate|quota|'
          r'packet|session|\b(CONN|PUB|SUB|UNSUB)ACK\b|PUBLISH|SUBSCRIBE|PUBRE|PUBCOMP|terminat|socket|tls|ssl|stop')

EMQX_LINE = '2026-11-22T05:27:38.559122+00:00 [warning] clientid: c1, msg: {}, peername: 127.0.0.1:34478, username: u, pid: <0.8.0>'
ERLANG_LINE = '2026-08-21 10:00:02.123456+00:00 [error] <0.{n}.0> {}'
EJABBERD_LINE = '2026-11-22 04:32:40.317704+00:00 [warning] <0.392.0>@mod_mqtt_session:log_disconnection/2:1435 {}'
EJABBERD_END = EJABBERD_LINE.replace('{}', 'Closing MQTT connection for u@localhost/c1 from 10.0.0.5: {}')
EJABBERD_PROTOCOL = EJABBERD_END.replace('{}', 'Protocol error: {}')
EJABBERD_REASON = r'''\bformat_error\((?:[^()]|\([^()]*\))*\)[^;.]*?->\s*(?:format\()?\s*"(?P<text>[^"\n]*)"'''
FLASHMQ_LINE = '[2026-11-22 04:54:59.123] [NOTICE] [T 1] {}'
FLASHMQ_END = FLASHMQ_LINE.replace('{}', "Removing client '[ClientID='c1', username='u', fd=20, keepalive=60s, transport='TCP/Non-SSL', "
                                           "address='10.0.0.5', prot=5.0, clean=1]'. Reason(s): {}")
HIVEMQ_END = '2026-08-22 10:00:07,411 - Client ID: c1, IP: 10.0.0.5 was disconnected. reason: {}.'

# A value of the time, the process and what else a prefix has is neutral.
MOSQUITTO_PREFIXES = (
    Prefix('src/logging.c', r'\(log_line, sizeof\(log_line\), (?P<text>"%[^;]*)\)', {
        '"%" PRIu64, (uint64_t)db.now_real_s': '1795322240: ', '"%d", (int)db.now_real_s': '1795322240: '}),)
EMQX_PREFIXES = (
    Prefix('apps/emqx/src/emqx_logger_textfmt.erl', r'\{(?P<text>pid|topic|username|peername|mfa|msg|clientid|tns|tag), ', {
        'pid topic username peername mfa msg clientid tns tag':
            '2026-11-22T05:27:38.559122+00:00 [warning] tag: AUTHN, clientid: c1, msg: x, peername: 127.0.0.1:1, username: u, topic: t, pid: <0.8.0>',
        'topic username peername mfa msg clientid tns tag':
            '2026-11-22T05:27:38.559122+00:00 [warning] tag: AUTHN, clientid: c1, msg: x, peername: 127.0.0.1:1, username: u, topic: t'}),)
RABBITMQ_PREFIXES = (
    Prefix('deps/rabbitmq_prelaunch/src/rabbit_logger_text_fmt.erl', r'format_prefix\((?P<text>\[[^\]]*\[[^\]]*\][^\]]*\])', {
        '[time, " [", level, "] ", pid, " "]': '2026-08-21 10:00:02.123456+00:00 [error] <0.902.0> '}),)
VERNEMQ_PREFIXES = (
    Prefix('files/vmq.schema', r'extended -> (?P<text>\[time.*), msg, "\\n"\]', {
        '[time, " ", "[", level, "]", {pid, [" ", pid, ""], ""}, {mfa, [" ", mfa, ":", line], ""}, ": "':
            '2026-08-17T10:00:00.123456+00:00 [warning] <0.400.0> vmq_mqtt5_fsm:check_user/3:581: '}),
    Prefix('files/vmq.schema', r'_ -> (?P<text>\[time.*), msg,"\\n"\]', {
        '[time, " ", level,": "': '2026-08-17T10:00:00.123456+00:00 warning: '}))
EJABBERD_PREFIXES = (
    Prefix('src/ejabberd_logger.erl', r'file_template\(\) ->\s*(?P<text>\[time.*?)\]\.', {
        '[time, " [", level, "] ", pid, {mfa, ["@", mfa, {line, [":", line], []}], []}, " " | msg()':
            '2026-11-22 04:32:40.317704+00:00 [warning] <0.392.0>@mod_mqtt_session:log_disconnection/2:1435 '}),
    Prefix('src/ejabberd_logger.erl', r'(?P<text>\[time, " \[", level, "\] ") \| msg', {
        '[time, " [", level, "] "': '2026-11-22 04:32:40.317704+00:00 [warning] '}))
FLASHMQ_PREFIXES = (
    Prefix('logger.cpp', r'result\.append\("(?P<text>[^"]*)"\)', {
        '[ ] [ ] [ ] [T custom]': '[2026-11-22 05:00:00.000] [NOTICE] [FlashMQ T 1] '}),)
NANOMQ_PREFIXES = (
    Prefix('src/supplemental/nanolib/log.c', r'fprintf\(fp, (?P<text>"[^"]*")', {
        '"%s [%i] %-5s %s:%d: " "\\n"': '2026-11-22 05:00:00 [1234] WARN  /b/nng/src/x.c:1: '}),)
HIVEMQ_PREFIXES = (
    Prefix('src/distribution/conf/logback.xml', r'event\.log.*?<pattern>(?P<text>[^<]*)%msg', {
        '%-24(%d)-': '2026-08-22 10:00:07,411 - '}),)

BROKERS = {
    'mosquitto': Broker(('src/**/*.c', 'lib/*.c'), (Call(r'\blog__printf\s*\(', '1795322240: {}'),), EVENTS, prefixes=MOSQUITTO_PREFIXES),
    'emqx': Broker(('apps/emqx/src/*.erl', 'src/emqx_c*.erl'),
                   (Call(r'''\bmsg\s*=>\s*(?:"(?P<text>[^"\n]*)"|(?=[a-z])(?P<atom>[a-zA-Z0-9_]+))''', EMQX_LINE, fields=True),), EVENTS,
                   'erlang', 'x', (('packetId', '9'), ('reason', 'not_authorized'), ('action', 'PUBLISH(Q1)'), ('source', 'file')), prefixes=EMQX_PREFIXES),
    'rabbitmq': Broker(('deps/rabbitmq_mqtt/src/*.erl', 'deps/rabbitmq_web_mqtt/src/*.erl'),
                       (Call(r'(?:\?LOG_[A-Z]+|rabbit_log\w*:\w+)\s*\(', ERLANG_LINE),), EVENTS, 'erlang', prefixes=RABBITMQ_PREFIXES),
    'vernemq': Broker(('apps/vmq_server/src/*.erl',),
                      (Call(r'(?:\?LOG_[A-Z]+|lager:\w+)\s*\(',
                            '2026-08-17T10:00:00.123456+00:00 [warning] <0.400.0> vmq_mqtt5_fsm:check_user/3:581: {}'),), EVENTS, 'erlang', prefixes=VERNEMQ_PREFIXES),
    'ejabberd': Broker(('src/mod_mqtt*.erl', 'src/mqtt_codec.erl'),
                       (Call(r'\?(?:INFO|WARNING|ERROR|NOTICE)_MSG\s*\(', EJABBERD_LINE),
                        Call(EJABBERD_REASON, EJABBERD_END, file='mod_mqtt_session.erl'),
                        Call(EJABBERD_REASON, EJABBERD_PROTOCOL, file='mqtt_codec.erl')),
                       '', 'erlang', 'CONNECT', prefixes=EJABBERD_PREFIXES),
    'flashmq': Broker(('*.cpp', 'src/*.cpp'),
                      (Call(r'\blogger->logf\s*\([^",]*,', FLASHMQ_LINE),
                       Call(r'\b(?:ProtocolError|setDisconnectReason)\s*\(', FLASHMQ_END)), EVENTS, prefixes=FLASHMQ_PREFIXES),
    'nanomq': Broker(('src/sp/**/*.c', 'src/mqtt/**/*.c', 'nanomq/*.c'),
                     (Call(r'\blog_(?:info|warn|error)\s*\(', '2026-11-22 05:00:00 [1234] WARN  /b/nng/src/x.c:1: {}'),), EVENTS, prefixes=NANOMQ_PREFIXES),
    'hivemq': Broker(('src/main/java/**/*.java',),
                     (Call(r'\b\w*[dD]isconnector\.disconnect\s*\(', HIVEMQ_END, 1),
                      Call(r'\b\w*[cC]onnacker\.connackError\s*\(', HIVEMQ_END, 1)), '', 'java', 'PUBLISH', prefixes=HIVEMQ_PREFIXES),
}
