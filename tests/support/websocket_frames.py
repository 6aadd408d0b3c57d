# SPDX-License-Identifier: Apache-2.0
"""MQTT over WebSocket (RFC 6455) as a client speaks it: the upgrade, masked frames out, frames in.

A stream of MQTT may be cut into frames anywhere, section 6 of MQTT 5.0: a packet over several frames or fragments of one
message, several packets in a frame, and control frames between.
"""

BINARY, CONTINUED, PING = 0x2, 0x0, 0x9
FINAL, MASKED = 0x80, 0x80


def request(host, port):
    lines = (
        "GET /mqtt HTTP/1.1", "Host: %s:%d" % (host, port), "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==", "Sec-WebSocket-Protocol: mqtt", "Sec-WebSocket-Version: 13", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


def frame(first, payload, mask):
    if len(payload) < 126:
        size = bytes([MASKED | len(payload)])
    elif len(payload) < 65536:
        size = bytes([MASKED | 126]) + len(payload).to_bytes(2, "big")
    else:
        size = bytes([MASKED | 127]) + len(payload).to_bytes(8, "big")
    covered = int.from_bytes((mask * (len(payload) // 4 + 1))[: len(payload)], "big") ^ int.from_bytes(payload, "big")
    return bytes([first]) + size + mask + covered.to_bytes(len(payload), "big")


def framed(data, random):
    """The bytes in one frame; or in two, which are two messages, or fragments of one with a ping between them."""
    cut = random.randrange(0, len(data) + 1)
    way = random.choice(("whole", "messages", "fragments"))
    if way == "whole":
        return frame(FINAL | BINARY, data, random.randbytes(4))
    if way == "messages":
        return frame(FINAL | BINARY, data[:cut], random.randbytes(4)) + frame(FINAL | BINARY, data[cut:], random.randbytes(4))
    ping = frame(FINAL | PING, b"hello", random.randbytes(4))
    return frame(BINARY, data[:cut], random.randbytes(4)) + ping + frame(FINAL | CONTINUED, data[cut:], random.randbytes(4))


class Frames:
    """What the broker sends, without its frames."""

    def __init__(self):
        self.upgraded = False
        self.rest = b""

    def feed(self, data):
        """The payload of the data frames that are complete now."""
        self.rest += data
        if not self.upgraded:
            head, found, rest = self.rest.partition(b"\r\n\r\n")
            if not found:
                return b""
            self.upgraded, self.rest = head.startswith(b"HTTP/1.1 101 "), rest
        payload = b""
        while (whole := self.complete()) is not None:
            begin, end = whole
            if self.rest[0] & 0x0F in (BINARY, CONTINUED):
                payload += self.rest[begin:end]
            self.rest = self.rest[end:]
        return payload

    def complete(self):
        """Where the payload of the first frame begins and ends; None if it is not complete."""
        if len(self.rest) < 2:
            return None
        size, begin = self.rest[1], 2
        if size >= 126:
            begin += 2 if size == 126 else 8
            size = int.from_bytes(self.rest[2:begin], "big")
        return (begin, begin + size) if len(self.rest) >= begin + size else None
