#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Thousands of concurrent clients of MQTT 3.1, 3.1.1 and 5.0 that record what is on the wire.

    capture_clients.py --broker 127.0.0.1:1883 --user u --password p --connections 10000 --rows rows.txt
                       [--websocket] [--large BYTES] [--for-tshark] [--at-once N] [--without SCENARIO...] [--seed N]

Each function below "scenarios" is one kind of client. The connections are distributed over the scenarios and the three versions.
A scenario expects the code that the standard and the broker's access rules (closed/# is denied) require; another code is a
finding. Packets are written in pieces of seeded lengths, so that they begin and end anywhere in a segment.

Writes sorted rows "PACKET direction protocol code count", where direction is as the broker sees it, and "END initiator protocol
reason count" for connections that ended without a reason code. Clients write nothing to a connection that the broker has ended,
and read each connection to its end, so that every counted packet was on the wire. Exit code 1 if a client received something
else than it expected."""

import argparse
import asyncio
import collections
import contextlib
import functools
import inspect
import itertools
import random
import socket
import struct
import sys

import mqtt_wire
import websocket_frames
from mqtt_client import V5, V31, V311, acknowledge, connect, disconnect, number_in, packet, properties, publish, string, subscribe, unsubscribe

LENGTH_OF_128 = (2, 3, 4)  # after the first byte, of a packet of 128 bytes and more
PATIENCE = 60  # seconds that an answer may take, over a bad line too


class Wrong(Exception):
    """The broker does something else than what is known of it."""


class Run:
    """What all clients share."""

    def __init__(self, options):
        self.options = options
        host, port = options.broker.rsplit(":", 1)
        self.broker = (host, int(port))
        self.random = random.Random(options.seed)
        self.rows = collections.Counter()
        self.names = itertools.count()
        self.connections = 0

    async def client(self, version):
        one = Client(self, version)
        self.connections += 1
        await asyncio.get_running_loop().create_connection(lambda: one, *self.broker)
        if self.options.websocket:
            await one.upgrade()
        return one

    def totals(self):
        """(codes, ends without a code)"""
        ends = sum(count for row, count in self.rows.items() if row[0] == "END")
        return sum(self.rows.values()) - ends, ends

    def payload(self):
        """Of one to --large bytes; short ones are as likely as long ones."""
        return self.random.randbytes(int(self.options.large ** self.random.random()))


class Client(asyncio.Protocol):
    """One connection."""

    def __init__(self, run, version):
        self.run, self.version = run, version
        self.protocol = "unknown"
        self.known_as = None  # the protocol of the rows, where a witness that came late cannot know it
        self.whole = False  # what is sent at a time is one segment
        self.id = "c%d" % next(run.names)
        self.packets = mqtt_wire.Packets()
        self.frames = websocket_frames.Frames() if run.options.websocket else None
        self.upgraded = None
        self.waiting = collections.deque()
        self.wake = None
        self.ended = False  # the broker has closed, or this has
        self.error = None  # what TCP said to that, if it was not the ordinary end
        self.has_reason = False
        self.end = None  # (initiator, reason) as far as this side has said something

    # What asyncio calls.

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        if self.frames is not None:
            data, self.upgraded = self.frames.feed(data), self.frames.upgraded
        for kind, body in self.packets.feed(data):
            self.count("sent", kind, body)
            self.waiting.append((mqtt_wire.NAMES.get(kind), body))
        self.awake()

    def eof_received(self):
        self.ended = True
        self.end = self.end or ("broker", "connection_closed")
        self.awake()

    def connection_lost(self, error):
        self.ended = True
        self.error = error
        self.end = self.end or ("broker", "connection_closed")
        self.awake()

    def awake(self):
        if self.wake is not None and not self.wake.done():
            self.wake.set_result(None)

    # What scenarios use.

    def count(self, direction, kind, body):
        name = mqtt_wire.NAMES.get(kind)
        for code in mqtt_wire.reason_codes(kind, body, self.protocol):
            self.run.rows[name, direction, self.known_as or self.protocol, "0x%02X" % code] += 1
            self.has_reason = self.has_reason or name == "DISCONNECT" or (name == "CONNACK" and code != 0)

    def send(self, *packets):
        if self.ended:
            return self
        for bytes_ in packets:
            for kind, body in mqtt_wire.Packets().feed(bytes_):
                if mqtt_wire.NAMES[kind] == "CONNECT" and self.protocol == "unknown":
                    self.protocol = mqtt_wire.protocol_of(body)
                self.count("received", kind, body)
        data = b"".join(packets)
        if self.frames is not None:
            data = websocket_frames.framed(data, self.run.random)
        self.write(data)
        return self

    def write(self, data):
        """Half of the time in pieces: with TCP_NODELAY a segment each."""
        if not self.whole and self.run.random.random() < 0.5 and len(data) > 1:
            cut = self.run.random.randrange(1, len(data))
            if self.run.options.for_tshark and cut in LENGTH_OF_128:
                cut = 1
            self.transport.write(data[:cut])
            data = data[cut:]
        self.transport.write(data)

    async def more(self, what):
        self.wake = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(self.wake, PATIENCE)
        except asyncio.TimeoutError:
            raise Wrong("%s of %s: nothing came for %d seconds while %s was awaited" % (self.id, self.protocol, PATIENCE, what)) from None

    async def upgrade(self):
        self.transport.write(websocket_frames.request(*self.run.broker))
        while not self.upgraded:
            if self.ended:
                raise Wrong("the broker does not speak WebSocket")
            await self.more("101")

    async def until(self, name, *codes):
        """The body of the next packet of this name, whose codes must be these if any are given. The others wait."""
        while True:
            for i, (waiting, body) in enumerate(self.waiting):
                if waiting != name:
                    continue
                del self.waiting[i]
                got = tuple(mqtt_wire.reason_codes(body=body, kind=KINDS[name], protocol=self.protocol))
                if codes and got != codes:
                    raise Wrong("%s of %s: %s with %s, expected %s" % (self.id, self.protocol, name, hexed(got), hexed(codes)))
                return body
            if self.ended:
                raise Wrong("%s of %s: closed (%s) while %s was awaited" % (self.id, self.protocol, self.error, name))
            await self.more(name)

    async def connected(self, **options):
        options.setdefault("client", self.id)
        login = self.run.options
        self.send(connect(self.version, user=login.user, password=login.password, **options))
        await self.until("CONNACK", 0)
        return self

    async def settle(self):
        """Everything sent before is dealt with: brokers answer in order."""
        self.send(packet(0xC0, b""))
        await self.until("PINGRESP")

    def v5(self, *codes):
        """The code for a client of MQTT 5; the others' packet has no code."""
        return codes if self.version == V5 else ()

    # How a connection ends. Each reads to the end.

    async def until_closed(self):
        while not self.ended:
            await self.more("the end")
        self.transport.close()
        if not self.has_reason and self.protocol != "unknown":
            initiator, reason = self.end
            self.run.rows["END", initiator, self.known_as or self.protocol, reason] += 1

    async def good_bye(self, code=None, more=None):
        self.send(disconnect(self.version, code, more))
        self.end = ("client", "normal_disconnection")
        if self.frames is not None or self.run.random.random() < 0.5:
            self.shut()  # as section 3.14.4 asks for; else the broker is the first
        await self.until_closed()

    async def go_away(self):
        """A client that goes away without a word."""
        if not self.ended:
            self.end = ("client", "connection_closed")
            self.shut()
        await self.until_closed()

    def shut(self):
        with contextlib.suppress(OSError):
            self.transport.write_eof()

    async def break_off(self):
        """Ends with a reset."""
        self.end = ("client", "connection_closed")
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()
        await self.until_closed()


KINDS = {name: kind for kind, name in mqtt_wire.NAMES.items()}


def hexed(codes):
    return "+".join("0x%02X" % code for code in codes) or "no code"


# ---- scenarios: each takes what makes a client, and the version.


def only(*versions):
    def mark(scenario):
        scenario.versions = versions
        return scenario

    return mark


async def nobody_listens(client):
    one = await (await client()).connected()
    for number in (1, 2, 3):
        one.send(publish(one.version, "open/unheard", 1, number=number))
        await one.until("PUBACK", *one.v5(0x10))
    await one.good_bye()


async def nobody_listens_at_once(client):
    """Many packets in a segment, both ways."""
    one = await (await client()).connected()
    one.send(*(publish(one.version, "open/unheard", 1, number=number) for number in range(1, 11)))
    for _ in range(10):
        await one.until("PUBACK", *one.v5(0x10))
    await one.good_bye()


async def nobody_listens_qos_2(client):
    one = await (await client()).connected()
    one.send(publish(one.version, "open/unheard", 2))
    await one.until("PUBREC", *one.v5(0x00))
    one.send(acknowledge("PUBREL", 1))
    await one.until("PUBCOMP", *one.v5(0x00))
    await one.go_away()


async def wrong_password(client):
    one = await client()
    one.send(connect(one.version, one.id, one.run.options.user, "wrong"))
    await one.until("CONNACK", 0x87 if one.version == V5 else 0x05)
    await one.until_closed()


async def unknown_user(client):
    one = await client()
    one.send(connect(one.version, one.id, "nobody", "x"))
    await one.until("CONNACK", 0x87 if one.version == V5 else 0x05)
    await one.until_closed()


@only(V311)
async def unknown_version(client):
    one = await client()
    one.send(connect(one.version, one.id, level=9))
    await one.until("CONNACK")
    await one.until_closed()


async def denied_publish(client):
    one = await (await client()).connected()
    one.send(publish(one.version, "closed/x", 1, payload=one.run.payload()))
    await one.until("PUBACK", *one.v5(0x87))
    one.send(publish(one.version, "closed/x", 2, number=2))
    await one.until("PUBREC", *one.v5(0x87))
    await one.good_bye()


async def subscribes(client):
    one = await (await client()).connected()
    one.send(subscribe(one.version, "open/a", "closed/a", qos=0))
    await one.until("SUBACK", 0x00, {V5: 0x87, V311: 0x80, V31: 0x00}[one.version])
    one.send(subscribe(one.version, "open/b", qos=2, number=9))
    await one.until("SUBACK", 0x02)
    one.send(unsubscribe(one.version, "open/a", "open/never"))
    await one.until("UNSUBACK", *one.v5(0x00, 0x11))
    await one.good_bye()


async def hearing(client, qos):
    """A client that has subscribed to a topic of its own, and that topic."""
    one = await (await client()).connected()
    topic = "open/" + one.id
    one.send(subscribe(one.version, topic, qos=qos))
    await one.until("SUBACK", qos)
    return one, topic


async def hears_itself(client):
    one, topic = await hearing(client, 1)
    one.send(publish(one.version, topic, 1, payload=one.run.payload()))
    await one.until("PUBACK", *one.v5(0x00))
    one.send(acknowledge("PUBACK", number_in(await one.until("PUBLISH"))))
    await one.settle()
    await one.good_bye()


@only(V5)
async def answers_with_a_code(client):
    one, topic = await hearing(client, 1)
    one.send(publish(V5, topic, 1))
    await one.until("PUBACK", 0x00)
    code = one.run.random.choice((0x00, 0x10, 0x80, 0x83, 0x87, 0x97))
    one.send(acknowledge("PUBACK", number_in(await one.until("PUBLISH")), code))
    await one.settle()
    await one.good_bye(0x04)


async def hears_itself_qos_2(client):
    one, topic = await hearing(client, 2)
    one.send(publish(one.version, topic, 2, payload=one.run.payload()))
    await one.until("PUBREC", *one.v5(0x00))
    one.send(acknowledge("PUBREL", 1, *one.v5(0x00)))
    await one.until("PUBCOMP", *one.v5(0x00))
    number = number_in(await one.until("PUBLISH"))
    one.send(acknowledge("PUBREC", number))
    await one.until("PUBREL", *one.v5(0x00))
    one.send(acknowledge("PUBCOMP", number, *one.v5(0x92)))
    await one.settle()
    await one.good_bye()


@only(V5)
async def leaves_with_a_code(client):
    one = await (await client()).connected(will=("open/will", "x"))
    code = one.run.random.choice((0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x95, 0x96, 0x97, 0x98, 0x99))
    await one.good_bye(code, b"\x1f" + string("because") if code & 1 else None)


@only(V5)
async def unknown_method_later(client):
    one = await (await client()).connected()
    one.send(packet(0xF0, b"\x19" + properties(V5, b"\x15" + string("SCRAM-X"))))
    await one.until_closed()


async def second_connect(client):
    one = await (await client()).connected()
    one.send(connect(one.version, one.id, one.run.options.user, one.run.options.password))
    await one.until_closed()


async def goes_away(client):
    await (await (await client()).connected()).go_away()


async def breaks_off(client):
    one = await (await client()).connected()
    await one.settle()
    await one.break_off()


async def is_taken_over(client):
    old = await (await client()).connected()
    new = await (await client()).connected(client=old.id)
    await old.until_closed()
    await new.settle()
    await new.good_bye()


async def falls_silent(client):
    one = await (await client()).connected(alive=1)
    one.end = ("broker", "keep_alive_timeout")
    await one.until_closed()


RARE = {"falls_silent": 100, "unknown_version": 10, "second_connect": 10, "unknown_method_later": 10}  # one round in so many


def scenarios():
    found = [f for _, f in inspect.getmembers(sys.modules[__name__], inspect.isfunction) if list(inspect.signature(f).parameters) == ["client"]]
    return sorted(found, key=lambda f: f.__code__.co_firstlineno)


def programme(without):
    """(scenario, version), without an end."""
    wanted = [scenario for scenario in scenarios() if scenario.__name__.replace("_", "-") not in without]
    for around in itertools.count():
        for scenario in wanted:
            if around % RARE.get(scenario.__name__, 1) == 0:
                for version in getattr(scenario, "versions", (V31, V311, V5)):
                    yield scenario, version


async def play(run):
    """Failures, as text."""
    wrong = []
    turns = programme(run.options.without)

    async def worker():
        while run.connections < run.options.connections and len(wrong) < 10:
            scenario, version = next(turns)
            try:
                await scenario(functools.partial(run.client, version))
            except (Wrong, OSError, mqtt_wire.Malformed) as error:
                wrong.append("%s: %s" % (scenario.__name__, error))

    await asyncio.gather(*(worker() for _ in range(run.options.at_once)))
    return wrong


def report(run, wrong):
    """Writes the rows; the exit status."""
    with open(run.options.rows, "w", encoding="ascii") as file:
        file.writelines(sorted(" ".join((*row, str(count))) + "\n" for row, count in run.rows.items()))
    for text in wrong:
        print(text)
    print("%d connections, %d codes, %d ends without a code" % (run.connections, *run.totals()))
    return 1 if wrong else 0


def arguments_of(description):
    arguments = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--broker", required=True, metavar="HOST:PORT")
    arguments.add_argument("--user", required=True)
    arguments.add_argument("--password", required=True)
    arguments.add_argument("--connections", type=int, required=True, help="at least so many")
    arguments.add_argument("--rows", required=True, metavar="FILE")
    arguments.add_argument("--websocket", action="store_true")
    arguments.add_argument("--large", type=int, default=300, metavar="BYTES", help="the largest payload")
    arguments.add_argument("--for-tshark", action="store_true", help="cut no length of several bytes: its packet-mqtt.c cannot read it")
    arguments.add_argument("--at-once", type=int, default=150, help="connections")
    arguments.add_argument("--without", nargs="*", default=[], metavar="SCENARIO")
    arguments.add_argument("--seed", type=int, default=1)
    return arguments.parse_args()


def main():
    run = Run(arguments_of(__doc__))
    return report(run, asyncio.run(play(run)))


if __name__ == "__main__":
    sys.exit(main())
