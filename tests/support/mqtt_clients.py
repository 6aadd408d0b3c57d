#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients of MQTT 3.1, 3.1.1 and 5.0 that make a broker send its reason codes.

    mqtt_clients.py --broker 127.0.0.1:1884 --user u --password p [--denied secret/t] [--only NAME...] [--hostile FILE]

Each function below "scenarios" is one kind of client. It runs once for each protocol that it supports. No client sleeps: it
continues when the broker has answered or closed, and ends when the broker has closed its connection. Prints a line for each
client.

Each line of the file --hostile is a text that an attacker may choose ("\\n" is a newline). It is used as client id, user name,
topic, filter, will and reason string."""

import argparse
import inspect
import sys

import mqtt_wire
from mqtt_client import (
    V5,
    V31,
    V311,
    Client,
    Silent,
    acknowledge,
    connect,
    number_in,
    packet,
    properties,
    publish,
    string,
    subscribe,
    unsubscribe,
)


class Run:
    """What all scenarios share, and the list of what was seen."""

    def __init__(self, options):
        host, port = options.broker.rsplit(":", 1)
        self.broker = (host, int(port))
        self.user, self.password, self.denied = options.user, options.password, options.denied
        self.too_large = options.too_large
        self.clients = []
        self.got = []
        self.silent = 0

    def seen(self, client, kind, body):
        codes = mqtt_wire.reason_codes(kind, body, mqtt_wire.PROTOCOLS[client.version])
        self.got.append(" ".join((mqtt_wire.NAMES.get(kind, "?"), *("0x%02X" % code for code in codes))))

    def play(self, scenario, version, *more):
        self.clients, self.got = [], []
        name = scenario.__name__.replace("_", "-")
        try:
            scenario(lambda suffix="": Client(self, version, name + suffix), *more)
            for client in self.clients:
                client.half_close()
        except Silent:
            self.silent += 1
            self.got.append("SILENCE")
            for client in self.clients:
                client.socket.close()
        print("%-28s %-5s %s" % (name, mqtt_wire.PROTOCOLS[version], ", ".join(self.got)), flush=True)


# ---- scenarios: each takes what makes a client of the version that it is run for.


def only(*versions):
    def mark(scenario):
        scenario.versions = versions
        return scenario

    return mark


def says_good_bye(client):
    client().connected().settle().good_bye()


def goes_away(client):
    client().connected().half_close()


def leaves_a_session(client):
    client().connected(clean=False).good_bye()


def comes_back(client):
    first = client()
    first.connected(clean=False, **({"more": b"\x11\x00\x00\x00\x3c"} if first.version == V5 else {})).good_bye()
    client().connected(clean=False).settle().good_bye()
    client().connected(clean=True).good_bye()


def wrong_password(client):
    one = client()
    one.send(connect(one.version, one.id, one.run.user, "wrong")).until_closed()


def no_credentials(client):
    one = client()
    one.send(connect(one.version, one.id)).until_closed()


def unknown_user(client):
    one = client()
    one.send(connect(one.version, one.id, "nobody", "x")).until_closed()


def no_id(client):
    one = client()
    one.send(connect(one.version, "", one.run.user, one.run.password, clean=False)).until("CONNACK")
    one.half_close()


@only(V311, V5)
def unknown_version(client):
    one = client()
    one.send(connect(one.version, one.id, one.run.user, one.run.password, level=9)).until_closed()


def unknown_protocol(client):
    one = client()
    one.send(connect(one.version, one.id, one.run.user, one.run.password, name="MQXX")).until_closed()


@only(V5)
def unknown_method(client):
    one = client()
    one.send(connect(V5, one.id, one.run.user, one.run.password, more=b"\x15" + string("SCRAM-X") + b"\x16" + string("x")))
    one.until("CONNACK")
    one.half_close()


@only(V5)
def unknown_method_later(client):
    client().connected().send(packet(0xF0, b"\x19" + properties(V5, b"\x15" + string("SCRAM-X")))).until_closed()


def denied_will(client):
    one = client()
    one.connected(will=(one.run.denied, "x"))
    one.half_close()


def second_connect(client):
    one = client().connected()
    one.send(connect(one.version, one.id, one.run.user, one.run.password)).settle()
    one.half_close()


def first_packet_is_no_connect(client):
    one = client()
    one.send(publish(one.version, "a", 0)).half_close()


@only(V311)
def speaks_http(client):
    client().send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").half_close()


@only(V311)
def says_nothing(client):
    client().half_close()


def denied_publish_qos_0(client):
    one = client().connected()
    one.send(publish(one.version, one.run.denied, 0)).settle().good_bye()


def denied_publish_qos_1(client):
    one = client().connected()
    one.send(publish(one.version, one.run.denied, 1)).until("PUBACK")
    one.good_bye()


def denied_publish_qos_2(client):
    one = client().connected()
    one.send(publish(one.version, one.run.denied, 2)).until(*TAKEN)
    one.good_bye()


def nobody_listens_qos_1(client):
    one = client().connected()
    for number in (1, 2, 3):
        one.send(publish(one.version, "open/unheard", 1, number=number)).until("PUBACK")
    one.good_bye()


def nobody_listens_qos_2(client):
    one = client().connected()
    one.send(publish(one.version, "open/unheard", 2)).until(*TAKEN)
    one.send(acknowledge("PUBREL", 1)).until("PUBCOMP")
    one.good_bye()


def hears_itself(client):
    one = client().connected()
    one.send(subscribe(one.version, "open/" + one.id, qos=1)).until("SUBACK")
    one.send(publish(one.version, "open/" + one.id, 1))
    body = one.until("PUBLISH")
    if body:
        one.send(acknowledge("PUBACK", number_in(body))).settle()
    one.good_bye()


TAKEN = ("PUBACK", "PUBREC")  # brokers without QoS 2 give less than asked for


@only(V5)
def answers_with_codes(client):
    """A subscriber that says in its acknowledgements what it thinks."""
    for kind, qos, codes in (("PUBACK", 1, (0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99)), ("PUBREC", 2, (0x10, 0x80, 0x97))):
        for code in codes:
            one = client("-%02x" % code).connected()
            one.send(subscribe(V5, "open/" + one.id, qos=qos)).until("SUBACK")
            other = client("-%02x-publisher" % code).connected()
            taken = other.send(publish(V5, "open/" + one.id, qos)).until("PUBACK" if qos == 1 else "PUBREC")
            if taken and qos == 2:
                other.send(acknowledge("PUBREL", 1)).until("PUBCOMP")
            body = one.until("PUBLISH") if taken else None
            if body:
                one.send(acknowledge(kind, number_in(body), code))
                if kind == "PUBREC" and code < 0x80:
                    one.until("PUBREL")
                one.settle()
            other.half_close()
            one.good_bye()


@only(V5)
def completes_with_codes(client):
    """Both ways of QoS 2, where the client does not know the packet identifier."""
    one = client().connected()
    one.send(acknowledge("PUBREL", 777, 0x92)).settle()
    one.good_bye()
    one = client("-heard").connected()
    one.send(subscribe(V5, "open/" + one.id, qos=2)).until("SUBACK")
    one.send(publish(V5, "open/" + one.id, 2)).until("PUBREC")
    one.send(acknowledge("PUBREL", 1, 0x00))
    body = one.until("PUBLISH")
    if body:
        one.send(acknowledge("PUBREC", number_in(body))).until("PUBREL")
        one.send(acknowledge("PUBCOMP", number_in(body), 0x92)).settle()
    one.good_bye()


def releases_nothing(client):
    one = client().connected()
    one.send(acknowledge("PUBREL", 77)).settle().good_bye()


def subscribes(client):
    one = client().connected()
    one.send(subscribe(one.version, "open/a", "open/b", qos=0, number=1)).until("SUBACK")
    one.send(subscribe(one.version, "open/c", one.run.denied, "open/d", qos=1, number=2)).until("SUBACK")
    one.send(subscribe(one.version, "open/e", qos=2, number=3)).until("SUBACK")
    one.send(unsubscribe(one.version, "open/a", "open/never")).until("UNSUBACK")
    one.good_bye()


def subscribes_to_the_denied(client):
    one = client().connected()
    one.send(subscribe(one.version, one.run.denied, qos=1)).until("SUBACK")
    one.send(unsubscribe(one.version, one.run.denied)).until("UNSUBACK")
    one.good_bye()


def bad_filter(client):
    one = client().connected()
    one.send(subscribe(one.version, "open/#/b")).until("SUBACK")
    one.half_close()


def bad_topic(client):
    one = client().connected()
    one.send(publish(one.version, "open/#", 1)).until("PUBACK")
    one.half_close()


def bad_text(client):
    one = client().connected()
    one.send(publish(one.version, b"a\xc0\x80", 1)).until("PUBACK")
    one.half_close()


def bad_flags(client):
    one = client().connected()
    one.send(b"\x80" + subscribe(one.version, "open/a")[1:]).until("SUBACK")
    one.half_close()


def bad_type(client):
    one = client().connected()
    one.send(b"\x00\x00").until_closed()


def bad_length(client):
    one = client().connected()
    one.send(b"\x30\xff\xff\xff\xff\xff\x01").until_closed()


def qos_3(client):
    one = client().connected()
    one.send(publish(one.version, "open/a", 3)).until_closed()


@only(V5)
def bad_alias(client):
    one = client().connected()
    one.send(publish(V5, "", 1, more=b"\x23\xea\x60")).until("PUBACK")
    one.half_close()


@only(V5)
def unknown_alias(client):
    one = client().connected()
    one.send(publish(V5, "", 1, more=b"\x23\x00\x05")).until("PUBACK")
    one.half_close()


def too_large(client):
    one = client().connected()
    one.send(publish(one.version, "open/large", 1, payload=b"x" * one.run.too_large)).until("PUBACK")
    one.half_close()


def is_taken_over(client):
    old = client().connected()
    new = client().connected()
    old.until_closed()
    new.settle().good_bye()


def falls_silent(client):
    client().connected(alive=1).until_closed()


@only(V5)
def leaves_with_a_code(client):
    for code in (0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x95, 0x96, 0x97, 0x98, 0x99):
        client("-%02x" % code).connected(will=("open/will", "x")).good_bye(code)
    client("-words").connected().good_bye(0x80, b"\x1f" + string("I do not like it (0x99)"))


# ---- strangers


@only(V311, V5)
def stranger(client, text):
    """Uses a text wherever a client may. What the broker refuses is refused."""
    one = client()
    version, run = one.version, one.run
    one.send(connect(version, text, run.user, run.password)).until("CONNACK")
    if not one.dismissed:
        one.send(subscribe(version, text, "disconnected, not authorised.", qos=0)).until("SUBACK")
        one.settle()
    one.good_bye(0x80, b"\x1f" + string(text))
    one = client("-name")
    one.send(connect(version, one.id, text, "x")).until("CONNACK")
    one.half_close()
    one = client("-will").connected(will=(text, text))
    one.half_close()
    one = client("-topic").connected()
    if one.send(subscribe(version, text, qos=0)).until("SUBACK"):
        one.send(unsubscribe(version, text)).until("UNSUBACK")
    one.half_close()
    one = client("-publishes").connected()
    one.send(publish(version, text, 1)).until("PUBACK")
    one.half_close()
    if version == V5:
        one = client("-words").connected()
        one.good_bye(0x00, b"\x1f" + string(text) + b"\x26" + string(text) + string(text))
        one = client("-method")
        one.send(connect(V5, one.id, run.user, run.password, more=b"\x15" + string(text))).until("CONNACK")
        one.half_close()


def scenarios():
    found = [f for _, f in inspect.getmembers(sys.modules[__name__], inspect.isfunction) if list(inspect.signature(f).parameters) == ["client"]]
    return sorted(found, key=lambda f: f.__code__.co_firstlineno)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--broker", required=True, metavar="HOST:PORT")
    arguments.add_argument("--user", required=True)
    arguments.add_argument("--password", required=True)
    arguments.add_argument("--denied", default="closed/x", metavar="TOPIC", help="what the user may not use")
    arguments.add_argument("--too-large", type=int, default=3000, metavar="BYTES", help="more than the broker takes")
    arguments.add_argument("--versions", nargs="+", type=int, default=[V31, V311, V5])
    arguments.add_argument("--only", nargs="*", metavar="NAME")
    arguments.add_argument("--without", nargs="*", default=[], metavar="NAME")
    arguments.add_argument("--hostile", metavar="FILE")
    options = arguments.parse_args()
    run = Run(options)
    for scenario in scenarios():
        name = scenario.__name__.replace("_", "-")
        if name in options.without or (options.only is not None and name not in options.only):
            continue
        for version in getattr(scenario, "versions", (V31, V311, V5)):
            if version in options.versions:
                run.play(scenario, version)
    if options.hostile:
        with open(options.hostile, encoding="utf-8") as file:
            texts = [line.rstrip("\n").replace("\\n", "\n") for line in file]
        for text in texts:
            for version in stranger.versions:
                if version in options.versions:
                    run.play(stranger, version, text)
    return 1 if run.silent else 0


if __name__ == "__main__":
    sys.exit(main())
