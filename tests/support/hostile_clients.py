#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that try to evade a capture, and one that tries to be taken for a broker.

    hostile_clients.py --broker 127.0.0.1:1883 --times 10

Plays each trick of tricks() that many times with a wrong password. The broker must refuse each with 0x87, which proves that it
received the CONNECT. Prints "N refused". Then opens connections from the broker's port on another address to a listening port,
and sends a CONNACK and a SUBACK over them that no broker has sent.

Needs root: forged segments go through a raw socket, with the sequence numbers of the connection from TCP_REPAIR."""

import argparse
import socket
import struct
import sys

from mqtt_client import V5, connect, packet, properties

TLS_HELLO = bytes.fromhex("16030100050100000103")
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
RECEIVE_QUEUE, SEND_QUEUE = 1, 2
PATIENCE = 30


def login():
    return connect(V5, "guesser", "client", "wrong")


def urgent(connection, one):
    connection.send(one, socket.MSG_OOB)


def urgent_hello(connection):
    for byte in TLS_HELLO:
        urgent(connection, bytes([byte]))


def numbers(connection):
    """What this side sends next, and what it expects."""
    connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    found = []
    for queue in (SEND_QUEUE, RECEIVE_QUEUE):
        connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
        found.append(connection.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ) & 0xFFFFFFFF)
    connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, 0)
    connection.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, -1)  # off, without a probe
    return found


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def forge(connection, payload, flags=0x10, wrong=0, ahead=0, at=0):
    """A segment with the next sequence number plus `at`. `wrong` is added to its checksum, `ahead` to what it acknowledges."""
    (source, source_port), (target, target_port) = connection.getsockname(), connection.getpeername()
    sends, expects = numbers(connection)
    addresses = socket.inet_aton(source) + socket.inet_aton(target)
    head = struct.pack("!HHIIBBHHH", source_port, target_port, (sends + at) & 0xFFFFFFFF, (expects + ahead) & 0xFFFFFFFF, 5 << 4, flags, 0xFFFF, 0, 0)
    summed = checksum(addresses + struct.pack("!HH", 6, len(head) + len(payload)) + head + payload)
    head = head[:16] + struct.pack("!H", (summed + wrong) & 0xFFFF) + head[18:]
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP) as raw:
        raw.sendto(head + payload, (target, 0))


FAR = 100_000_000  # bytes, beyond any window
OLDER = packet(0x10, b"\0\4MQTT\4\2\0\x3c\0\1x")


def tricks():
    return {
        "no trick": lambda c: None,
        "an urgent byte of TLS": lambda c: urgent(c, b"\x16"),
        "an urgent byte of HTTP": lambda c: urgent(c, b"G"),
        "an urgent ClientHello": urgent_hello,
        "a ClientHello with a wrong checksum": lambda c: forge(c, TLS_HELLO, wrong=1),
        "a request with a wrong checksum": lambda c: forge(c, b"GET / HTTP/1.1\r\n\r\n", wrong=1),
        "a CONNECT of 3.1.1 with a wrong checksum": lambda c: forge(c, OLDER, wrong=1),
        "a CONNECT of 3.1.1 without the flag ACK": lambda c: forge(c, OLDER, flags=0),
        "a CONNECT of 3.1.1 that acknowledges too much": lambda c: forge(c, OLDER, ahead=1000),
        "a reset with a wrong checksum": lambda c: forge(c, b"", flags=0x14, wrong=1),
        "a reset far ahead": lambda c: forge(c, b"", flags=0x14, at=FAR),
        "a reset with an old number": lambda c: forge(c, b"", flags=0x14, at=-1000),
        "a FIN far ahead": lambda c: forge(c, b"", flags=0x11, at=FAR),
        "a keep-alive with a byte of HTTP": lambda c: forge(c, b"G", at=-1),
        "a CONNECT of 3.1.1 far ahead": lambda c: forge(c, OLDER, at=FAR),
    }


def is_refused(broker, trick):
    with socket.create_connection(broker, PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        trick(connection)
        connection.sendall(login())
        got = b""
        while len(got) < 4:
            more = connection.recv(100)
            if not more:
                return False
            got += more
        return got[0] == 0x20 and got[3] == 0x87


def pretend(broker):
    """A client of some other service that speaks as a broker would."""
    with socket.create_server(("127.0.0.1", 0)) as other, socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.bind(("127.0.1.1", broker[1]))
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # so that the port is free again
        client.connect(other.getsockname())
        served, _ = other.accept()
        with served:
            client.sendall(packet(0x20, b"\0\x88" + properties(V5)) + packet(0x90, b"\0\1" + properties(V5) + b"\x87\x87"))
            served.recv(100)
            served.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            client.recv(100)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--broker", required=True, metavar="HOST:PORT")
    arguments.add_argument("--times", type=int, required=True)
    options = arguments.parse_args()
    host, port = options.broker.rsplit(":", 1)
    broker = (host, int(port))
    refused, status = 0, 0
    for name, trick in tricks().items():
        for _ in range(options.times):
            if is_refused(broker, trick):
                refused += 1
            else:
                print("not refused: %s" % name)
                status = 1
    for _ in range(options.times):
        pretend(broker)
    print("%d refused" % refused)
    return status


if __name__ == "__main__":
    sys.exit(main())
