# SPDX-License-Identifier: Apache-2.0
"""A real mosquitto on loopback, and the events that EMQX publishes, put into it."""

import json
import os
import subprocess

import oracle
from process import Failure, end, free_port, start, wait_until

TOPIC = "exporter/client_connack"
# EMQX' names of codes in a CONNACK, and the byte that a 5.0 client gets.
NAMES = {
    "client_identifier_not_valid": 0x85,
    "bad_username_or_password": 0x86,
    "not_authorized": 0x87,
    "server_unavailable": 0x88,
    "server_busy": 0x89,
    "banned": 0x8A,
    "quota_exceeded": 0x97,
}


def name_of(number):
    return list(NAMES)[oracle.code_index(number) % len(NAMES)]


def truth(last):
    """Counts per code of events 0 to last - 1."""
    counts = [0] * oracle.CODES
    for number in range(last):
        counts[NAMES[name_of(number)] - oracle.FIRST_CODE] += 1
    return counts


def event(number):
    """Event `number`: no two are the same."""
    return json.dumps(
        {
            "event": "client.connack",
            "reason_code": name_of(number),
            "proto_ver": 5,
            "clientid": f"c{number}",
            "timestamp": 1795325252716 + number,
            "node": "emqx@127.0.0.1",
        }
    )


class Broker:
    """Keeps what it holds over a restart only if it is `lasting`."""

    def __init__(self, directory, lasting=False):
        self.directory, self.port, self.process, self.events = directory, free_port(), None, 0
        with open(os.path.join(directory, "mosquitto.conf"), "w") as config:
            config.write(
                f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\n"
                f"persistence {str(lasting).lower()}\npersistence_location {directory}/\n"
            )
            if os.geteuid() == 0:
                config.write("user root\n")

    def start(self):
        self.process = start(
            ["mosquitto", "-c", os.path.join(self.directory, "mosquitto.conf")], os.path.join(self.directory, "mosquitto.out")
        )
        wait_until("the broker answers", lambda: self.client("mosquitto_pub", "-t", "hello", "-n") == 0)
        return self

    def stop(self):
        end(self.process)

    def client(self, *command, lines=""):
        return subprocess.run(
            [*command, "-h", "127.0.0.1", "-p", str(self.port)], input=lines, text=True, stderr=subprocess.DEVNULL, timeout=60
        ).returncode

    def publish(self, count):
        """The next events, with QoS 1."""
        lines = "".join(event(number) + "\n" for number in range(self.events, self.events + count))
        if self.client("mosquitto_pub", "-l", "-q", "1", "-t", TOPIC, lines=lines) != 0:
            raise Failure("mosquitto_pub failed")
        self.events += count

    def retain(self, count):
        for number in range(count):
            payload = event(1_000_000 + number)
            if self.client("mosquitto_pub", "-r", "-q", "1", "-t", f"{TOPIC}/{number}", "-m", payload) != 0:
                raise Failure("mosquitto_pub failed")
