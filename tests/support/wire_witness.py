#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A proxy between clients and a broker that records every reason code.

    wire_witness.py --listen 127.0.0.1:1884 --broker 127.0.0.1:1883 --rows wire.csv

Passes all bytes on unchanged. At SIGTERM it writes rows "packet,direction,protocol,code,count", where direction is as the
broker sees it. Other rows:

  END,<who closed first>,protocol,<disconnect|none>,count   connections that ended without a reason code on the wire, with or
                                                            without a DISCONNECT of MQTT 3.x
  UNDECODED,...                                             a direction with bytes that are not a packet, or with a packet
                                                            whose code cannot be found; its decoding ends, the connection
                                                            does not

Connections that have not ended within --patience have no END row; they are a warning and exit code 1. A packet is counted before
it is passed on, because it was sent even if the broker closes without reading it."""

import argparse
import asyncio
import collections
import contextlib
import signal
import sys

import mqtt_wire


class Connection:
    """What is known of one connection. Both directions share it."""

    def __init__(self, rows):
        self.rows = rows
        self.protocol = "unknown"
        self.ended_by = None
        self.disconnect = "none"
        self.has_reason = False
        self.packets = {"received": mqtt_wire.Packets(), "sent": mqtt_wire.Packets()}

    def passed(self, direction, data):
        packets = self.packets[direction]
        if packets is None:
            return
        try:
            for kind, body in packets.feed(data):
                self.packet(direction, kind, body)
        except mqtt_wire.Malformed:
            self.packets[direction] = None
            self.rows["UNDECODED", direction, self.protocol, ""] += 1

    def packet(self, direction, kind, body):
        name = mqtt_wire.NAMES.get(kind)
        if name == "CONNECT" and direction == "received" and self.protocol == "unknown":
            self.protocol = mqtt_wire.protocol_of(body)
        if name == "DISCONNECT":
            self.disconnect = "disconnect"
        for code in mqtt_wire.reason_codes(kind, body, self.protocol):
            self.rows[name, direction, self.protocol, "0x%02X" % code] += 1
            # A refused CONNECT says why the connection ends, and so does the DISCONNECT of MQTT 5.
            self.has_reason = self.has_reason or name == "DISCONNECT" or (name == "CONNACK" and code != 0)

    def ended(self, by):
        self.ended_by = self.ended_by or by

    def close(self):
        if not self.has_reason:
            self.rows["END", self.ended_by, self.protocol, self.disconnect] += 1


async def pass_on(connection, direction, reader, writer):
    """One direction, to its end; then the other side gets the end."""
    by = "client" if direction == "received" else "broker"
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            connection.passed(direction, data)
            writer.write(data)
            await writer.drain()
    connection.ended(by)
    with contextlib.suppress(OSError):
        writer.write_eof()


async def serve(options, rows):
    stop = asyncio.Event()
    accepted = set()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    def open_broker():
        if options.broker.startswith("/"):
            return asyncio.open_unix_connection(options.broker)
        host, port = options.broker.rsplit(":", 1)
        return asyncio.open_connection(host, int(port))

    async def accept(client_reader, client_writer):
        accepted.add(asyncio.current_task())
        with contextlib.closing(client_writer):
            try:
                broker_reader, broker_writer = await open_broker()
            except OSError:
                return
            with contextlib.closing(broker_writer):
                connection = Connection(rows)
                await asyncio.gather(
                    pass_on(connection, "received", client_reader, broker_writer),
                    pass_on(connection, "sent", broker_reader, client_writer),
                )
                connection.close()

    host, port = options.listen.rsplit(":", 1)
    server = await asyncio.start_server(accept, host, int(port))
    await stop.wait()
    server.close()
    _, still_open = await asyncio.wait(accepted, timeout=options.patience) if accepted else ((), ())
    for task in still_open:
        task.cancel()
    await asyncio.gather(*still_open, return_exceptions=True)
    return len(still_open)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--listen", required=True, metavar="HOST:PORT")
    arguments.add_argument("--broker", required=True, metavar="HOST:PORT", help="or the path of a Unix socket")
    arguments.add_argument("--rows", required=True, metavar="FILE")
    arguments.add_argument("--patience", type=float, default=10, metavar="SECONDS", help="for what is open at SIGTERM")
    options = arguments.parse_args()
    rows = collections.Counter()
    still_open = asyncio.run(serve(options, rows))
    with open(options.rows, "w", encoding="ascii") as file:
        file.write("packet,direction,protocol,code,count\n")
        for row, count in sorted(rows.items()):
            file.write(",".join((*row, str(count))) + "\n")
    if still_open:
        print("%d connections had not ended: their ends are no rows" % still_open, file=sys.stderr)
    return 1 if still_open else 0


if __name__ == "__main__":
    sys.exit(main())
