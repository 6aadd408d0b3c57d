#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records how a Mosquitto of any release logs the ends of connections, together with the packets on the wire.

    mosquitto_ends.py --mosquitto /usr/sbin/mosquitto --remote /usr/sbin/mosquitto --levels debug --out NAME

Writes NAME.log and NAME.wire.csv. Clients disconnect, are taken over, time out, are refused, fail in TLS, and resume a stored
session, also after the broker was killed. Two bridges are refused by the broker --remote. All connections pass wire_witness.py.
The rows of the bridges have the opposite direction, because the log is that of the broker that bridges. Connections with TLS have
rows for their ends only."""

import argparse
import base64
import collections
import contextlib
import csv
import hashlib
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

from mqtt_client import PATIENCE, V5, V31, V311, Client, connect, packet

USER, PASSWORD = "client", "right"
TURNED = {"sent": "received", "received": "sent", "broker": "client", "client": "broker"}
SUPPORT = pathlib.Path(__file__).parent


def free_port():
    with contextlib.closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(what, holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("%s does not come" % what)
        time.sleep(0.02)


def answers(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


def password_file(path):
    salt = b"twelve bytes"
    hashed = hashlib.sha512(PASSWORD.encode() + salt).digest()
    path.write_text("%s:$6$%s$%s\n" % (USER, base64.b64encode(salt).decode(), base64.b64encode(hashed).decode()))
    path.chmod(0o600)


def certificate(directory):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "36500", "-subj", "/CN=localhost"]
        + ["-keyout", directory / "key.pem", "-out", directory / "cert.pem"],
        check=True,
        stderr=subprocess.DEVNULL,
    )


class Broker:
    def __init__(self, options, directory):
        self.program, self.directory, self.log = options.mosquitto, directory, directory / "broker.log"
        self.release = tuple(int(n) for n in options.release.split("."))
        self.port, self.tls_port, self.proxy_port, self.unix = free_port(), free_port(), free_port(), directory / "m.sock"
        self.bridge_ports = (free_port(), free_port())
        lines = ["log_dest stderr", "allow_anonymous false", "password_file %s" % (directory / "passwords")]
        lines += ["persistence true", "persistence_location %s/" % directory]
        lines += ["user root"] if os.getuid() == 0 else []
        types = "error warning notice information" + (" debug" if options.level == "debug" else "")
        lines += ["log_type %s" % kind for kind in types.split()]
        lines += ["listener %d 127.0.0.1" % self.port]
        lines += ["listener %d 127.0.0.1" % self.tls_port]
        lines += ["cafile %s/cert.pem" % directory, "certfile %s/cert.pem" % directory, "keyfile %s/key.pem" % directory]
        if self.release >= (2, 0):
            lines += ["listener 0 %s" % self.unix]
        if self.release >= (2, 1):
            lines += ["listener %d 127.0.0.1" % self.proxy_port, "enable_proxy_protocol 1"]
        for port, version in zip(self.bridge_ports, ("mqttv311", "mqttv50") if self.release >= (2, 0) else ("mqttv311",)):
            lines += ["connection %s" % version, "address 127.0.0.1:%d" % port, "topic # in 0", "try_private false"]
            lines += ["bridge_protocol_version %s" % version, "restart_timeout 3600", "notifications false"]
            lines += ["username %s" % USER, "password wrong", "clientid bridge-%s" % version]
            lines += ["local_clientid local-%s" % version] if self.release >= (1, 4) else []
        (directory / "broker.conf").write_text("\n".join(lines) + "\n")
        self.process = None

    def start(self):
        # No connection that the wire does not know of: the log says when it listens.
        bridges = self.log.read_text().count("Connecting bridge") if self.log.exists() else 0
        with open(self.log, "ab") as log:  # not log_dest file: up to 1.5 it is buffered
            self.process = subprocess.Popen([self.program, "-c", self.directory / "broker.conf"], stderr=log)
        self.says("Connecting bridge", bridges + 1)

    def says(self, words, times=1):
        wait_for(words, lambda: self.log.exists() and self.log.read_text(errors="replace").count(words) >= times)

    def kill(self):
        self.process.send_signal(signal.SIGUSR1)
        self.says("Saving in-memory database")
        time.sleep(0.3)
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Run:
    """What mqtt_client.Client asks of a run."""

    def __init__(self, port):
        self.broker, self.user, self.password, self.clients = ("127.0.0.1", port), USER, PASSWORD, []

    def seen(self, client, kind, body):
        pass


def versions(broker):
    return (V31, V311, V5) if broker.release >= (1, 6) else (V31, V311)


def play(broker, port):
    run = Run(port)
    for version in versions(broker):
        expiring = {"more": b"\x11\x00\x00\x00\x3c"} if version == V5 else {}
        Client(run, version, "leaves").connected().good_bye()
        Client(run, version, "goes").connected().half_close()
        Client(run, version, "stays").connected(clean=False, **expiring).good_bye()
        Client(run, version, "stays").connected(clean=False, **expiring).settle().good_bye()
        Client(run, version, "stays").connected(clean=True).good_bye()
        first = Client(run, version, "is-taken").connected(clean=False, **expiring)
        Client(run, version, "is-taken").connected(clean=False, **expiring).settle().good_bye()
        first.until_closed()
        Client(run, version, "is-silent").connected(alive=1).until_closed()
        one = Client(run, version, "is-refused")
        one.send(connect(version, one.id, USER, "wrong")).until_closed()
        twice = Client(run, version, "connects-twice").connected()
        twice.send(connect(version, twice.id, USER, PASSWORD)).until_closed()
        Client(run, version, "is-malformed").connected().send(packet(0x36, b"")).until_closed()


def fail_in_tls(tls_port, plain_port):
    strict = ssl.create_default_context()
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", tls_port), PATIENCE) as one:
        strict.wrap_socket(one, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", tls_port), PATIENCE) as one:
        one.sendall(connect(V311, "plain-to-tls", USER, PASSWORD))
        with contextlib.suppress(OSError):
            while one.recv(4096):
                pass
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", plain_port), PATIENCE) as one:
        strict.wrap_socket(one, server_hostname="localhost")


def speak_to_proxy_listener(port):
    for header in (b"PROXY TCP4 10.0.0.7 10.0.0.8 4000 1883\r\n", b"PROXY TCP4 nonsense\r\n", b""):
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as one:
            one.sendall(header)
            if header.count(b".") > 2:
                one.sendall(connect(V311, "behind-a-proxy", USER, PASSWORD))
                one.recv(4)
            one.shutdown(socket.SHUT_WR)
            with contextlib.suppress(OSError):
                while one.recv(4096):
                    pass


def come_back(broker, port, away, there):
    """The broker is killed while one client of each version is connected and one has left; both come back."""
    for one in away:
        one.good_bye()
    broker.kill()
    for one in there:
        one.until_closed()
    broker.start()
    run = Run(port)
    for version in versions(broker):
        expiring = {"more": b"\x11\x00\x00\x00\x3c"} if version == V5 else {}
        for name in ("was-away", "was-there"):
            Client(run, version, name).connected(clean=False, **expiring).settle().good_bye()


def record(options, directory, witnesses):
    password_file(directory / "passwords")
    certificate(directory)
    remote_port = free_port()
    (directory / "remote.conf").write_text(
        "listener %d 127.0.0.1\nallow_anonymous false\npassword_file %s\nlog_dest none\n%s"
        % (remote_port, directory / "passwords", "user root\n" if os.getuid() == 0 else "")
    )
    broker = Broker(options, directory)
    rows = []

    def witness(listen, to, turned=False, codes=True):
        file = directory / ("rows-%d.csv" % len(rows))
        rows.append((file, turned, codes))
        witnesses.append(
            subprocess.Popen(
                [sys.executable, SUPPORT / "wire_witness.py", "--listen", "127.0.0.1:%d" % listen, "--broker", str(to)]
                + ["--rows", file, "--patience", "3"]
            )
        )

    remote = subprocess.Popen([options.remote, "-c", directory / "remote.conf"], stderr=subprocess.DEVNULL)
    witnesses.append(remote)
    wait_for("the remote broker", lambda: answers(remote_port))
    for port in broker.bridge_ports:
        witness(port, "127.0.0.1:%d" % remote_port, turned=True)
    plain, tls, unix, proxied = (free_port() for _ in range(4))
    witness(plain, "127.0.0.1:%d" % broker.port)
    witness(tls, "127.0.0.1:%d" % broker.tls_port, codes=False)
    witness(unix, broker.unix)
    witness(proxied, "127.0.0.1:%d" % broker.proxy_port)
    wait_for("the witnesses", lambda: all(answers(port) for port in (plain, tls, *broker.bridge_ports)))
    broker.start()
    broker.says("Connection Refused", 2 if broker.release >= (2, 0) else 1)
    play(broker, plain)
    fail_in_tls(tls, plain)
    if broker.release >= (2, 0):
        play(broker, unix)
    if broker.release >= (2, 1):
        speak_to_proxy_listener(proxied)
    run, clients = Run(plain), collections.defaultdict(list)
    for version in versions(broker):
        expiring = {"more": b"\x11\x00\x00\x00\x3c"} if version == V5 else {}
        for name in ("was-away", "was-there"):
            clients[name].append(Client(run, version, name).connected(clean=False, **expiring))
    come_back(broker, plain, clients["was-away"], clients["was-there"])
    broker.stop()
    for process in witnesses:
        process.terminate()
        process.wait()
    witnesses.clear()
    write_out(options.out, broker, directory, rows)


def write_out(out, broker, directory, files):
    rows = collections.Counter()
    for file, turned, codes in files:
        with open(file, encoding="ascii") as lines:
            for kind, direction, protocol, code, count in list(csv.reader(lines))[1:]:
                if codes or kind == "END":
                    rows[kind, TURNED[direction] if turned else direction, protocol, code] += int(count)
    with open(out + ".wire.csv", "w", encoding="ascii") as file:
        file.write("packet,direction,protocol,code,count\n")
        for row, count in sorted(rows.items()):
            file.write(",".join((*row, str(count))) + "\n")
    text = broker.log.read_text(errors="replace").replace(str(directory), "/run/mosquitto")
    pathlib.Path(out + ".log").write_text(text)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--mosquitto", required=True, metavar="PROGRAM")
    arguments.add_argument("--release", required=True, metavar="2.1.2")
    arguments.add_argument("--remote", required=True, metavar="PROGRAM")
    arguments.add_argument("--level", choices=("default", "debug"), default="default")
    arguments.add_argument("--out", required=True, metavar="NAME")
    options = arguments.parse_args()
    witnesses = []
    with tempfile.TemporaryDirectory() as directory:
        try:
            record(options, pathlib.Path(directory), witnesses)
        finally:
            for process in witnesses:
                process.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
