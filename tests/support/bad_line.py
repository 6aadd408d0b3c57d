#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Passes Ethernet frames between two interfaces, and drops, duplicates and delays some of them.

    bad_line.py --between eth1 eth2 [--drop 0.02] [--double 0.02] [--delay 0.05] [--seed N] [--figures FILE]

A delayed frame is sent after the next one to six frames, or after 20 ms without a frame, so that TCP receives it out of order.
A generator with the printed seed decides what happens to each frame. At SIGTERM the program writes how many frames there were of
each kind. Nothing else may forward frames of these interfaces. Their offloads must be off, so that each frame is one of the
wire."""

import argparse
import collections
import random
import selectors
import signal
import socket
import sys
import time

ETH_P_ALL = 0x0003
OUTGOING = 4  # PACKET_OUTGOING: what this program itself has sent
LATEST = 0.02  # seconds


class Way:
    """One direction."""

    def __init__(self, into, out, options, dice, figures):
        self.into, self.out, self.options, self.dice, self.figures = into, out, options, dice, figures
        self.delayed = []  # [frames to come before it, deadline, frame]

    def ready(self):
        """Reads what there is."""
        while True:
            try:
                frame, address = self.into.recvfrom(65536)
            except BlockingIOError:
                return
            if address[2] != OUTGOING:
                self.passes(frame)

    def passes(self, frame):
        self.figures["frames"] += 1
        fate = self.dice.random()
        for kind in ("drop", "double", "delay"):
            share = getattr(self.options, kind)
            if fate < share:
                self.figures[kind] += 1
                break
            fate -= share
        else:
            kind = None
        if kind == "delay":
            self.delayed.append([self.dice.randint(1, 6), time.monotonic() + LATEST, frame])
            return
        for _ in range({None: 1, "double": 2, "drop": 0}[kind]):
            self.send(frame)
        for waiting in self.delayed:
            waiting[0] -= 1
        self.release()

    def release(self):
        """Passes on what has waited for long enough."""
        now = time.monotonic()
        due = [waiting for waiting in self.delayed if waiting[0] <= 0 or waiting[1] <= now]
        self.delayed = [waiting for waiting in self.delayed if waiting not in due]
        for _, _, frame in due:
            self.send(frame)

    def send(self, frame):
        try:
            self.out.send(frame)
        except OSError:
            self.figures["not sent"] += 1


def opened(interface):
    one = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    one.bind((interface, 0))
    one.setblocking(False)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    return one


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--between", nargs=2, required=True, metavar="INTERFACE")
    arguments.add_argument("--drop", type=float, default=0.02, metavar="SHARE")
    arguments.add_argument("--double", type=float, default=0.02, metavar="SHARE")
    arguments.add_argument("--delay", type=float, default=0.05, metavar="SHARE")
    arguments.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    arguments.add_argument("--figures", required=True, metavar="FILE")
    options = arguments.parse_args()
    print("seed %d" % options.seed, flush=True)
    figures, stopped = collections.Counter(), []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    ends = [opened(interface) for interface in options.between]
    ways = [Way(*pair, options, random.Random(options.seed + i), figures) for i, pair in enumerate((ends, ends[::-1]))]
    with selectors.DefaultSelector() as selector:
        for way in ways:
            selector.register(way.into, selectors.EVENT_READ, way)
        while not stopped:
            for key, _ in selector.select(LATEST / 2 if any(way.delayed for way in ways) else 0.5):
                key.data.ready()
            for way in ways:
                way.release()
    with open(options.figures, "w", encoding="ascii") as file:
        file.write(" ".join("%s %d" % (name, figures[name]) for name in ("frames", "drop", "double", "delay", "not sent")) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
