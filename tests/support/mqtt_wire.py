# SPDX-License-Identifier: Apache-2.0
"""MQTT 3.1, 3.1.1 and 5.0 control packets as bytes: where one ends, and which reason codes it holds.

Written from the standards, and on its own: nothing of the exporter is used, so that what it says can be held against the
exporter.
"""

NAMES = {
    1: "CONNECT", 2: "CONNACK", 3: "PUBLISH", 4: "PUBACK", 5: "PUBREC", 6: "PUBREL", 7: "PUBCOMP", 8: "SUBSCRIBE",
    9: "SUBACK", 10: "UNSUBSCRIBE", 11: "UNSUBACK", 12: "PINGREQ", 13: "PINGRESP", 14: "DISCONNECT", 15: "AUTH",
}  # fmt: skip

# The byte after the protocol's name, section 3.1.2.2; another one is a version that does not exist.
PROTOCOLS = {3: "3.1", 4: "3.1.1", 5: "5.0"}


class Malformed(Exception):
    """The bytes are not a packet of this protocol."""


def variable_integer(data, at):
    """Section 1.5.5: (value, position after it), or None if more bytes are needed."""
    value = 0
    for i in range(4):
        if at + i >= len(data):
            return None
        value |= (data[at + i] & 0x7F) << (7 * i)
        if data[at + i] < 0x80:
            return value, at + i + 1
    raise Malformed("a length of more than four bytes")


class Packets:
    """Cuts one direction of a connection into packets (type, body), however the bytes arrive."""

    def __init__(self):
        self.rest = b""

    def feed(self, data):
        """The packets that are complete now. Raises Malformed when no further packet can be found."""
        self.rest += data
        packets = []
        while len(self.rest) >= 2:
            length = variable_integer(self.rest, 1)
            if length is None or len(self.rest) < sum(length):
                break
            size, begin = length
            packets.append((self.rest[0] >> 4, self.rest[begin : begin + size]))
            self.rest = self.rest[begin + size :]
        return packets


def protocol_of(connect):
    """The protocol that the body of a CONNECT asks for, or "unknown"."""
    at = 2 + int.from_bytes(connect[:2], "big")
    return PROTOCOLS.get(connect[at] & 0x7F, "unknown") if at < len(connect) else "unknown"


def reason_codes(kind, body, protocol):
    """The reason codes of a packet: what counts as one event each.

    Without its byte an MQTT 5 packet means 0x00. The acknowledgements and the DISCONNECT of 3.x have no code.
    """
    name = NAMES.get(kind)
    v5 = protocol == "5.0"
    if name == "CONNACK":
        if len(body) < 2:
            raise Malformed("a CONNACK without a code")
        return [body[1]]
    if name == "SUBACK" or (name == "UNSUBACK" and v5):
        begin = 2
        if v5:
            properties = variable_integer(body, 2)
            if properties is None:
                raise Malformed("a %s without properties" % name)
            begin = sum(properties)
        return list(body[begin:])
    if name in ("PUBACK", "PUBREC", "PUBREL", "PUBCOMP") and v5:
        return [body[2] if len(body) > 2 else 0]
    if name in ("DISCONNECT", "AUTH") and v5:
        return [body[0] if body else 0]
    return []
