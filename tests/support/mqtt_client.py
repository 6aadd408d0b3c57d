# SPDX-License-Identifier: Apache-2.0
"""A client of MQTT 3.1, 3.1.1 or 5.0 that writes raw packets, so that it can send invalid ones as real clients do.

It shares no code with the exporter. A real broker shows whether its packets are right."""

import contextlib
import socket

import mqtt_wire

PATIENCE = 20  # seconds that a broker may take
V31, V311, V5 = 3, 4, 5


def string(text):
    data = text if isinstance(text, bytes) else text.encode()
    return len(data).to_bytes(2, "big") + data


def packet(first, body):
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | (0x80 if rest else 0)])
        if not rest:
            return bytes([first]) + length + body


def properties(version, data=b""):
    return packet(0, data)[1:] if version == V5 else b""


def connect(version, client, user=None, password=None, *, clean=True, alive=60, level=None, name=None, will=None, more=b""):
    flags = 0x02 * clean | 0x80 * (user is not None) | 0x40 * (password is not None) | 0x04 * (will is not None)
    body = string(name or ("MQIsdp" if version == V31 else "MQTT")) + bytes([level or version, flags])
    body += alive.to_bytes(2, "big") + properties(version, more) + string(client)
    if will is not None:
        body += properties(version) + string(will[0]) + string(will[1])
    for text in (user, password):
        body += string(text) if text is not None else b""
    return packet(0x10, body)


def publish(version, topic, qos, *, number=1, payload=b"x", more=b"", flags=0):
    body = string(topic) + (number.to_bytes(2, "big") if qos else b"") + properties(version, more) + payload
    return packet(0x30 | qos << 1 | flags, body)


def subscribe(version, *filters, qos=1, number=7):
    return packet(0x82, number.to_bytes(2, "big") + properties(version) + b"".join(string(f) + bytes([qos]) for f in filters))


def unsubscribe(version, *filters, number=8):
    return packet(0xA2, number.to_bytes(2, "big") + properties(version) + b"".join(string(f) for f in filters))


def disconnect(version, code=None, more=None):
    if version != V5 or code is None:
        return packet(0xE0, b"")
    return packet(0xE0, bytes([code]) + (properties(version, more) if more is not None else b""))


def number_in(body):
    """The packet identifier of a PUBLISH of QoS 1 or 2."""
    at = 2 + int.from_bytes(body[:2], "big")
    return int.from_bytes(body[at : at + 2], "big")


ACKNOWLEDGEMENTS = {"PUBACK": 0x40, "PUBREC": 0x50, "PUBREL": 0x62, "PUBCOMP": 0x70}


def acknowledge(kind, number, code=None):
    return packet(ACKNOWLEDGEMENTS[kind], number.to_bytes(2, "big") + (bytes([code]) if code is not None else b""))


class Silent(Exception):
    """The broker neither answers nor closes."""


class Client:
    """One connection."""

    def __init__(self, run, version, name):
        self.run, self.version = run, version
        self.id = "%s-%s" % (name, mqtt_wire.PROTOCOLS[version])
        self.socket = socket.create_connection(run.broker, PATIENCE)
        self.packets = mqtt_wire.Packets()
        self.waiting = []
        self.ended = False  # the broker has closed
        self.dismissed = False  # the broker has said that it will
        run.clients.append(self)

    def send(self, *data):
        """Says nothing to a broker that no longer listens: what it does not receive is not to be counted."""
        with contextlib.suppress(OSError):
            if not self.ended and not self.dismissed:
                self.socket.sendall(b"".join(data))
        return self

    def receive(self):
        """Whether something came, and not the end."""
        if self.ended:
            return False
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            raise Silent from None
        except OSError:
            data = b""
        self.ended = not data
        for kind, body in self.packets.feed(data):
            self.run.seen(self, kind, body)
            name = mqtt_wire.NAMES.get(kind)
            self.dismissed = self.dismissed or name == "DISCONNECT" or (name == "CONNACK" and body[1:2] != b"\x00")
            self.waiting.append((name, body))
        return not self.ended

    def until(self, *names):
        """The body of the next packet of one of these names; None if the broker closes instead. The others wait."""
        while True:
            for i, (name, _) in enumerate(self.waiting):
                if name in names:
                    return self.waiting.pop(i)[1]
            if not self.receive():
                return None

    def until_closed(self):
        while self.receive():
            pass
        self.socket.close()

    def settle(self):
        """Everything sent before is dealt with: brokers answer in order."""
        self.send(packet(0xC0, b"")).until("PINGRESP")
        return self

    def connected(self, **options):
        """Sends a CONNECT that is to be accepted, and has its answer."""
        options.setdefault("client", self.id)
        self.send(connect(self.version, user=self.run.user, password=self.run.password, **options)).until("CONNACK")
        return self

    def good_bye(self, code=None, more=None):
        self.send(disconnect(self.version, code, more))
        self.until_closed()

    def half_close(self):
        """A client that goes away without a word."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
        self.until_closed()
