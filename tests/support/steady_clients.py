#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that repeat the same requests at a constant rate, for N seconds or until SIGTERM.

    steady_clients.py KIND --broker 127.0.0.1:1884 --user u --password p --rows FILE [--seconds N]

KIND is
harmless: clients connect, publish with and without a subscriber, and unsubscribe from filters without a subscription. Every
          code is a success, 0x10 or 0x11.
guessing: clients try a wrong password.

At the end FILE has rows "PACKET protocol code count" of what the broker answered."""

import argparse
import collections
import itertools
import signal
import sys
import time

import mqtt_wire
from mqtt_client import V5, V311, Client, acknowledge, connect, number_in, publish, subscribe, unsubscribe

PERIOD = 0.1  # seconds from the beginning of one round to that of the next
MANY = range(1, 21)  # at once: a broker must take at least 20
KINDS = {}


def kind(clients):
    KINDS[clients.__name__] = clients
    return clients


@kind
def harmless(one):
    own = "open/" + one.id
    one.connected()
    one.send(subscribe(one.version, own, qos=1)).until("SUBACK")
    one.send(publish(one.version, own, 1)).until("PUBACK")
    one.send(acknowledge("PUBACK", number_in(one.until("PUBLISH"))))
    one.send(*(publish(one.version, "open/unheard", 1, number=number) for number in MANY))
    for _ in MANY:
        one.until("PUBACK")
    one.send(publish(one.version, "open/unheard", 2)).until("PUBREC")
    one.send(acknowledge("PUBREL", 1)).until("PUBCOMP")
    one.send(unsubscribe(one.version, own, *("open/never/%d" % number for number in MANY))).until("UNSUBACK")
    one.good_bye()


@kind
def guessing(one):
    one.send(connect(one.version, one.id, one.run.user, "wrong")).until_closed()


class Run:
    """What Client wants to know, and the answers that came."""

    def __init__(self, options):
        host, port = options.broker.rsplit(":", 1)
        self.broker = (host, int(port))
        self.user, self.password = options.user, options.password
        self.clients = []
        self.answers = collections.Counter()

    def seen(self, client, kind, body):
        protocol = mqtt_wire.PROTOCOLS[client.version]
        for code in mqtt_wire.reason_codes(kind, body, protocol):
            self.answers[mqtt_wire.NAMES[kind], protocol, "0x%02X" % code] += 1


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("kind", choices=KINDS)
    arguments.add_argument("--broker", required=True, metavar="HOST:PORT")
    arguments.add_argument("--user", required=True)
    arguments.add_argument("--password", required=True)
    arguments.add_argument("--rows", required=True, metavar="FILE")
    arguments.add_argument("--seconds", type=float, default=float("inf"), metavar="N")
    options = arguments.parse_args()
    run, stopped = Run(options), []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    due = time.monotonic()
    end = due + options.seconds
    for version in itertools.cycle((V311, V5)):
        KINDS[options.kind](Client(run, version, options.kind))
        run.clients.clear()
        if stopped or time.monotonic() > end:
            break
        due = max(due + PERIOD, time.monotonic() - PERIOD)  # a busy machine is not caught up with in one burst
        time.sleep(max(0, due - time.monotonic()))
    with open(options.rows, "w", encoding="ascii") as file:
        file.writelines("%s %s %s %d\n" % (*answer, count) for answer, count in sorted(run.answers.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
