#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that connect before the capture begins.

    joined_clients.py --broker 127.0.0.1:1883 --user u --password p --connections 100 --rows rows.txt

Connects clients of MQTT 3.1.1 and 5.0, prints "ready" when the broker has answered all of them, and waits for SIGUSR1. What
happens after that is in the rows, in the format of capture_clients.py, because a capture can see only that. Without the CONNECT
it can recognise MQTT 5 by packets that only MQTT 5 has, but it cannot distinguish 3.1 from 3.1.1: these rows have the protocol
"unknown"."""

import asyncio
import signal
import sys

from capture_clients import Run, Wrong, arguments_of, report
from mqtt_client import V5, V311, publish, subscribe, unsubscribe


async def acts(one):
    if one.version != V5:
        one.known_as = "unknown"
    one.whole = True
    one.send(publish(one.version, "open/unheard", 1))
    await one.until("PUBACK", *one.v5(0x10))
    one.send(subscribe(one.version, "open/a", "closed/a", qos=0))
    await one.until("SUBACK", 0x00, 0x87 if one.version == V5 else 0x80)
    one.send(unsubscribe(one.version, "open/a", "open/never"))
    await one.until("UNSUBACK", *one.v5(0x00, 0x11))
    await one.good_bye(0x04)


async def play(run):
    witnessed = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, witnessed.set)
    clients = []
    for i in range(run.options.connections):
        clients.append(await (await run.client((V311, V5)[i % 2])).connected())
        await clients[-1].settle()
    run.rows.clear()
    print("ready", flush=True)
    await witnessed.wait()
    outcomes = await asyncio.gather(*(acts(one) for one in clients), return_exceptions=True)
    return [str(outcome) for outcome in outcomes if isinstance(outcome, (Wrong, OSError))]


def main():
    run = Run(arguments_of(__doc__))
    return report(run, asyncio.run(play(run)))


if __name__ == "__main__":
    sys.exit(main())
