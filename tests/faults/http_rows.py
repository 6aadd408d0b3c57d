# SPDX-License-Identifier: Apache-2.0
"""Hostile HTTP clients. They come from 127.0.0.2 and further addresses; the scrapes come from 127.0.0.1."""

import base64
import contextlib
import os
import select
import signal
import socket
import ssl
import subprocess
import threading
import time

from exporter import Exporter, binary, percentile
from process import Failure, NotRun, wait_until
from rotation_rows import log_in
from row import Outcome, Row

MIB = 1 << 20
SCRAPES = 25
GET = b"GET /metrics HTTP/1.1\r\nHost: t\r\n"
HELLO = bytes.fromhex("160301020001000" "1fc0303")
USERS = 'basic_auth_users: {scraper: "$2y$10$12y/sqOGXIFd.nzCGDG2Guz4MUs2luqAJhyo9SO8WYH8YXXij1OiC"}\n'
PASSWORD = b"correct horse"


class Server:
    """An exporter of a log with some codes, plain or with TLS, for everybody or for one user."""

    def __init__(self, run, tls, users=False):
        path = log_in(run)
        open(path, "w").close()
        flags, self.context = (), None
        self.authorization = basic(PASSWORD) if users else b""
        if tls or users:
            flags = (f"--web.config.file={web_config(run.directory, tls, users)}",)
        if tls:
            self.context = ssl.create_default_context()
            self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.exporter = Exporter(run.directory, path, *flags)
        self.exporter.launch()
        wait_until("the exporter serves", self.serves, pause=0.05)
        for _ in range(10):  # what the first answers take is not the attack's
            self.scrape()
        self.base = self.exporter.memory("VmHWM")

    def serves(self):
        if self.exporter.process.poll() is not None:
            raise Failure(f"the exporter ended: {self.exporter.last_words()}")
        with contextlib.suppress(OSError, Failure):
            return self.scrape()
        return 0

    def connect(self, source="127.0.0.2", buffer=0):
        client = socket.socket()
        if buffer:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as Prometheus does
        client.settimeout(20)
        client.bind((source, 0))
        client.connect(("127.0.0.1", self.exporter.port))
        return client

    def secure(self, client):
        return self.context.wrap_socket(client) if self.context else client

    def ask(self, request, source="127.0.0.2"):
        """Sends all of it, as far as the server takes it: (bytes sent, answer)."""
        sent, answer = 0, b""
        with contextlib.closing(self.secure(self.connect(source))) as client:
            with contextlib.suppress(OSError):
                for part in request:
                    client.sendall(part)
                    sent += len(part)
            with contextlib.suppress(OSError):
                while part := client.recv(65536):
                    answer += part
        return sent, answer

    def scrape(self):
        """Seconds for one scrape on a connection of its own."""
        asked = time.monotonic()
        _, answer = self.ask([GET + self.authorization + b"Connection: close\r\n\r\n"], "127.0.0.1")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise Failure(f"a scrape was answered with {answer[:40]!r}")
        return time.monotonic() - asked

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.exporter.process.pid}/fd"))

    def grown(self):
        return self.exporter.memory("VmHWM") - self.base


def basic(password):
    return b"Authorization: Basic " + base64.b64encode(b"scraper:" + password) + b"\r\n"


def web_config(directory, tls, users):
    """With a certificate of its own, or one user."""
    known = subprocess.run([binary(), "serve", "--help"], capture_output=True, text=True, check=True).stdout
    if "--web.config.file" not in known:
        raise NotRun("this exporter has no --web.config.file")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=t"]
        + ["-days", "2", "-keyout", os.path.join(directory, "key.pem"), "-out", os.path.join(directory, "cert.pem")],
        check=True,
        capture_output=True,
    )
    path = os.path.join(directory, "web.yml")
    with open(path, "w", opener=lambda name, how: os.open(name, how, 0o600)) as file:
        file.write("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n" if tls else "")
        file.write(USERS if users else "")
    return path


class Slow:
    """Keeps `count` slow connections open until the block ends; those that the server closes are replaced.

    `send`: a byte of a head each tick. `read`: many requests, and no answer is read. `handshake`: half a TLS hello.
    `idle`: nothing at all.
    """

    TICK = 0.1

    def __init__(self, server, kind, count, sources=("127.0.0.2",)):
        self.server, self.kind, self.count, self.sources = server, kind, count, sources
        self.clients, self.stopping, self.opened = [], threading.Event(), 0
        self.thread = threading.Thread(target=self.press)

    def __enter__(self):
        self.thread.start()
        wait_until("all slow clients have come", lambda: self.opened >= self.count)
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
        for client in self.clients:
            client.close()

    def press(self):
        while not self.stopping.is_set():
            self.clients = [client for client in self.clients if self.is_open(client)]
            for _ in range(self.count - len(self.clients)):
                with contextlib.suppress(OSError):
                    self.clients.append(self.open())
                self.opened += 1
            for client in self.clients if self.kind == "send" else ():
                with contextlib.suppress(OSError):
                    client.send(b"a")
            self.stopping.wait(self.TICK)

    def open(self):
        source = self.sources[self.opened % len(self.sources)]
        client = self.server.connect(source, 4096 if self.kind == "read" else 0)
        if self.kind in ("send", "read"):
            client = self.server.secure(client)
            client.sendall(b"GET /" if self.kind == "send" else (GET + b"\r\n") * 300)
        elif self.kind == "handshake":
            client.sendall(HELLO)
        client.setblocking(False)
        return client

    @staticmethod
    def is_open(client):
        poll = select.poll()
        poll.register(client, select.POLLRDHUP)
        return not poll.poll(0)


def slow(kinds, counts, tls=False):
    def body(run):
        server = Server(run, tls)
        figures, good = [], True
        for kind in kinds:
            for count in counts:
                with Slow(server, kind, count):
                    waits = [server.scrape() for _ in range(run.pick(5, SCRAPES))]
                good = good and max(waits) <= run.seconds(0.1)
                figures.append(f"{kind} {count}: {max(waits) * 1000:.0f} ms")
        return Outcome(f"longest scrape: {', '.join(figures)}; peak {server.grown() / MIB:+.1f} MiB", good)

    return body


def idle(tls=False):
    def body(run):
        server = Server(run, tls)
        with Slow(server, "idle", 900), Slow(server, "idle", 60, [f"127.0.0.{last}" for last in range(3, 63)]):
            waits = [server.scrape() for _ in range(run.pick(5, SCRAPES))]
            descriptors = server.descriptors()
        figure = f"longest scrape {max(waits) * 1000:.0f} ms, {descriptors} descriptors, peak {server.grown() / MIB:+.1f} MiB"
        return Outcome(figure, max(waits) <= run.seconds(0.1) and descriptors <= 90)

    return body


def repeated(part, size):
    block = part * (65536 // len(part))
    return (block for _ in range(max(1, size // len(block))))


def heavy(tls=False):
    """Each attack alone, then 64 of them at once."""

    def body(run):
        server = Server(run, tls)
        _, page = server.ask([GET + b"Connection: close\r\n\r\n"], "127.0.0.1")
        size = run.pick(16, 300) * MIB
        attacks = {
            "header line": lambda: [GET + b"A: ", *repeated(b"a", 0), *repeated(b"a", size)],
            "URI": lambda: [b"GET /", *repeated(b"a", size)],
            "1 million headers": lambda: [GET, *repeated(b"a: b\r\n", 6_000_000), b"\r\n"],
            "chunked": lambda: [GET + b"Transfer-Encoding: chunked\r\n\r\n", *repeated(b"1000\r\n" + b"a" * 4096 + b"\r\n", size)],
            "chunk of -2": lambda: [GET + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n", *repeated(b"a", size)],
            "sized body": lambda: [GET + b"Content-Length: %d\r\n\r\n" % size, *repeated(b"a", size)],
            "1,200 ranges": lambda: [GET + b"Connection: close\r\nRange: bytes=" + b",".join([b"0-"] * 1200) + b"\r\n\r\n"],
        }
        most = 0.0
        digits = 64  # that the numbers of a later page may have more
        for make in attacks.values():
            sent, answer = server.ask(make())
            most = max(most, len(answer) / max(sent, len(page) + digits))
        threads = [threading.Thread(target=server.ask, args=(attacks["header line"](),)) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        server.scrape()
        grown = server.grown()
        return Outcome(
            f"{len(attacks)} attacks of up to {size // MIB} MiB: peak {grown / MIB:+.1f} MiB, amplification {most:.2f}",
            grown <= 4 * MIB and most <= 1,
        )

    return body


def hidden(*attacks):
    """Slow clients of addresses that are as busy as the scraper's, or the same: (kind, count, addresses)."""

    def body(run):
        server = Server(run, False)
        figures, good = [], True
        for kind, count, sources in attacks:
            with Slow(server, kind, count, sources):
                if kind == "read":
                    time.sleep(0.1)  # until they do not read
                waits = [server.scrape() for _ in range(run.pick(5, SCRAPES))]
                descriptors = server.descriptors()
            good = good and max(waits) <= run.seconds(0.1) and descriptors <= 90
            figures.append(f"{kind} {count}: {max(waits) * 1000:.0f} ms, {descriptors} descriptors")
        return Outcome(f"longest scrape: {', '.join(figures)}", good)

    return body


def busy(run):
    """As many requests as 16 connections can send, from another address."""
    server, stop, answered = Server(run, False), threading.Event(), [0] * 16

    def press(number):
        while not stop.is_set():
            answered[number] += server.ask([GET + b"\r\n"] * 49 + [GET + b"Connection: close\r\n\r\n"])[0] > 0

    threads = [threading.Thread(target=press, args=(number,)) for number in range(len(answered))]
    for thread in threads:
        thread.start()
    try:
        waits = [server.scrape() for _ in range(run.pick(10, 100))]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    p99 = percentile(waits, 0.99)
    return Outcome(f"scrape p99 {p99 * 1000:.0f} ms beside {sum(answered) * 50} other requests", p99 <= run.seconds(1))


def guessers(run):
    """Ten clients try passwords without a pause, from the scraper's address and from others."""
    figures, good = [], True
    for sources in (["127.0.0.1"], ["127.0.0.2"], [f"127.0.0.{last}" for last in range(2, 12)]):
        server, stop, tried = Server(run, False, users=True), threading.Event(), []

        def guess(source):
            while not stop.is_set():
                tried.append(server.ask([GET + basic(b"%d" % len(tried)) + b"Connection: close\r\n\r\n"], source)[1])

        threads = [threading.Thread(target=guess, args=(sources[number % len(sources)],)) for number in range(10)]
        for thread in threads:
            thread.start()
        try:
            waits = [server.scrape() for _ in range(run.pick(20, 300))]
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        server.exporter.stop()
        p99 = percentile(waits, 0.99)
        refused = sum(answer.startswith(b"HTTP/1.1 401") for answer in tried)
        good = good and p99 <= run.seconds(1) and refused == len(tried)
        figures.append(f"{len(sources)}: p99 {p99 * 1000:.0f} ms, {len(tried)} tried, {refused} refused")
    return Outcome(f"addresses of ten guessers: {'; '.join(figures)}", good)


def methods(run):
    server = Server(run, False)
    wrong, page = [], len(server.ask([GET + b"Connection: close\r\n\r\n"])[1])
    for method, headers, status in (
        (b"TRACE", b"", b"405"),
        (b"PUT", b"Content-Length: 3\r\n", b"413"),
        (b"DELETE", b"", b"405"),
        (b"CONNECT", b"", b"405"),
        (b"POST", b"", b"405"),
        (b"GET", b"Content-Length: 3\r\n", b"413"),
        (b"GET", b"Range: bytes=0-,0-,0-\r\n", b"200"),
    ):
        head = method + b" /metrics HTTP/1.1\r\nHost: t\r\nConnection: close\r\nX-Mark: mark\r\n" + headers + b"\r\n"
        _, answer = server.ask([head])
        if not answer.startswith(b"HTTP/1.1 " + status) or b"mark" in answer or len(answer) > page + 4096:
            wrong.append(method.decode())
    return Outcome(f"answered otherwise: {', '.join(wrong) or 'none'}", not wrong)


def stopped_under_load(run):
    """SIGTERM while slow clients of all kinds hold connections."""
    longest, statuses = 0.0, set()
    for _ in range(run.pick(1, 20)):
        server = Server(run, False)
        with Slow(server, "send", 50), Slow(server, "read", 10, ["127.0.0.3"]), Slow(server, "idle", 10, ["127.0.0.4"]):
            began = time.monotonic()
            server.exporter.process.send_signal(signal.SIGTERM)
            statuses.add(server.exporter.process.wait(timeout=30))
            longest = max(longest, time.monotonic() - began)
    return Outcome(f"longest {longest:.1f} s, exit {sorted(statuses)}", longest <= run.seconds(2.5) and statuses == {0})


PLAIN = ("send", "read")
ADDRESSES = [f"127.0.1.{last}" for last in range(1, 201)]
SCRAPER = ["127.0.0.1"]
ROWS = (
    Row("73", "8, 40, 200 clients that are slow to send or to read", "each scrape at most 100 ms", slow(PLAIN, (8, 40, 200)), alone=True),
    Row(
        "73b",
        "the same with TLS, and slow in the handshake",
        "each scrape at most 100 ms",
        slow((*PLAIN, "handshake"), (8, 40, 200), tls=True),
        alone=True,
    ),
    Row(
        "73c",
        "200 slow clients that send and 64 that do not read, each of its own address",
        "each scrape at most 100 ms, 90 descriptors",
        hidden(("send", 200, ADDRESSES), ("read", 64, ADDRESSES)),
        alone=True,
    ),
    Row(
        "73d",
        "16 slow clients of the scraper's address",
        "each scrape at most 100 ms, 90 descriptors",
        hidden(("send", 16, SCRAPER), ("read", 16, SCRAPER)),
        alone=True,
    ),
    Row("74", "900 idle connections of one address, 60 of others", "each scrape at most 100 ms, 90 descriptors", idle(), alone=True),
    Row("74b", "the same with TLS", "each scrape at most 100 ms, 90 descriptors", idle(tls=True), alone=True),
    Row("75", "endless heads and bodies, ranges", "at most +4 MiB, amplification at most 1", heavy(), alone=True),
    Row("75b", "the same with TLS", "at most +4 MiB, amplification at most 1", heavy(tls=True), alone=True),
    Row("76", "TRACE, PUT, DELETE, CONNECT, POST, a body, ranges", "refused or the plain page, nothing repeated", methods),
    Row("80", "ten clients guess passwords", "scrape p99 at most 1 s, all refused", guessers, alone=True),
    Row("81", "16 connections that send requests without a pause", "scrape p99 at most 1 s", busy, alone=True),
    Row("82b", "SIGTERM with 70 slow clients", "exit 0 within 2.5 s", stopped_under_load, alone=True),
)
