#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scenarios: what happens to a broker, and which alerts must fire, be pending or stay silent.

    scenarios.py list                       prints the table
    scenarios.py FLEET_AGE RULES_FILE...    prints a test for promtool; FLEET_AGE is one of the table's

SCENARIOS is the table. Each scenario is a broker (and an exporter) of its own, so that one run of promtool evaluates all that have the same
age. What a scenario does not name must not fire at all, from the first scrape to the end (MqttReasonFirstInAWeek, an
information, excepted). Rates are events a minute."""

import dataclasses
import json
import sys

# ---- Ages: minutes of history before the scenario begins, minutes in all, interval of evaluation; minutes of the history that are
# left out, because no rule reads them: rules look at now, at yesterday and at the same hours a week ago.
AGES = {
    "first hour": (30, 90, "1m", None),
    "first days": (120, 120 + 1680, "5m", None),
    "first week": (480, 480 + 420, "5m", None),
    "second month": (10_320, 10_320 + 240, "5m", (660, 8820)),
}

# ---- What an exporter serves of a broker. Each counter has a name here.
CODES = 'mqtt_reason_codes_total{%%s, source="log", packet="%s", direction="%s", protocol="%s", code="%s", reason="%s", class="%s", evidence="explicit"}'
CLOSES = 'mqtt_reason_closes_without_code_total{%%s, source="log", protocol="%s", reason="%s", initiator="%s", class="%s"}'
COUNTERS = {
    "accepted": CODES % ("CONNACK", "sent", "5.0", "0x00", "success", "success"),
    "accepted, 3.1.1": CODES % ("CONNACK", "sent", "3.1.1", "0x00", "success", "success"),
    "bad password": CODES % ("CONNACK", "sent", "5.0", "0x86", "bad_user_name_or_password", "error"),
    "not authorized": CODES % ("CONNACK", "sent", "3.1.1", "0x05", "not_authorized", "error"),
    "unavailable": CODES % ("CONNACK", "sent", "5.0", "0x88", "server_unavailable", "error"),
    "busy": CODES % ("CONNACK", "sent", "5.0", "0x89", "server_busy", "error"),
    "bad id": CODES % ("CONNACK", "sent", "5.0", "0x85", "client_identifier_not_valid", "error"),
    "old version": CODES % ("CONNACK", "sent", "3.1.1", "0x01", "unsupported_protocol_version", "error"),
    "too many connects": CODES % ("CONNACK", "sent", "5.0", "0x9F", "connection_rate_exceeded", "error"),
    "published": CODES % ("PUBACK", "sent", "5.0", "0x00", "success", "success"),
    "no subscribers": CODES % ("PUBACK", "sent", "5.0", "0x10", "no_matching_subscribers", "informational"),
    "publish denied": CODES % ("PUBACK", "sent", "5.0", "0x87", "not_authorized", "error"),
    "publish over quota": CODES % ("PUBACK", "sent", "5.0", "0x97", "quota_exceeded", "error"),
    "subscribed": CODES % ("SUBACK", "sent", "5.0", "0x01", "granted_qos_1", "success"),
    "subscribe denied": CODES % ("SUBACK", "sent", "5.0", "0x87", "not_authorized", "error"),
    "not subscribed": CODES % ("UNSUBACK", "sent", "5.0", "0x11", "no_subscription_existed", "informational"),
    "shut down": CODES % ("DISCONNECT", "sent", "5.0", "0x8B", "server_shutting_down", "error"),
    "moved": CODES % ("DISCONNECT", "sent", "5.0", "0x9C", "use_another_server", "error"),
    "kicked": CODES % ("DISCONNECT", "sent", "5.0", "0x98", "administrative_action", "error"),
    "timed out": CODES % ("DISCONNECT", "sent", "5.0", "0x8D", "keep_alive_timeout", "error"),
    "taken over": CODES % ("DISCONNECT", "sent", "5.0", "0x8E", "session_taken_over", "error"),
    "malformed": CODES % ("DISCONNECT", "sent", "5.0", "0x81", "malformed_packet", "error"),
    "too large": CODES % ("DISCONNECT", "sent", "5.0", "0x95", "packet_too_large", "error"),
    "left": CLOSES % ("3.1.1", "normal_disconnection", "client", "success"),
    "closed": CLOSES % ("3.1.1", "connection_closed", "client", "informational"),
    "network": CLOSES % ("3.1.1", "network_error", "network", "error"),
    "shut down, 3.1.1": CLOSES % ("3.1.1", "server_shutting_down", "broker", "error"),
    "taken over, 3.1.1": CLOSES % ("3.1.1", "session_taken_over", "broker", "error"),
    "TLS": CLOSES % ("unknown", "tls_error", "network", "error"),
    "no MQTT": CLOSES % ("unknown", "malformed_packet", "broker", "error"),
    "no CONNECT": CLOSES % ("unknown", "connect_timeout", "broker", "error"),
    "denied, QoS 0": 'mqtt_reason_denials_without_code_total{%s, source="log", protocol="5.0", action="publish", reason="not_authorized", class="error"}',
    "records": 'mqtt_reason_source_records_total{%s, source="log", outcome="matched"}',
    "other records": 'mqtt_reason_source_records_total{%s, source="log", outcome="ignored"}',
}
RESET = "reset"
GAUGES = {
    "source up": 'mqtt_reason_source_up{%s, source="log"}',
    "up": 'up{job="j", instance="%i"}',
    "info": 'mqtt_reason_exporter_build_info{job="j", instance="%i", version="1", revision="r", compiler="c"}',
}


def usual(clients):
    """A healthy fleet: a twentieth of the clients connects in a minute and as many go, some of them not in good order."""
    connects = clients / 20
    return dict.fromkeys(COUNTERS, 0) | {
        "accepted": connects / 2, "accepted, 3.1.1": connects / 2, "subscribed": connects, "published": clients,
        "no subscribers": clients / 10, "not subscribed": connects / 10, "left": connects * 0.7, "closed": connects * 0.2,
        "network": connects * 0.05, "timed out": connects * 0.04, "taken over": connects * 0.01,
        "records": 3 * connects + clients, "other records": 6,
    }  # fmt: skip


SILENCE = dict.fromkeys(COUNTERS, 0)
NOBODY = {"accepted": 0, "accepted, 3.1.1": 0, "subscribed": 0, "taken over": 0}


@dataclasses.dataclass
class Scenario:
    name: str
    why: str
    clients: int
    age: str
    happens: dict  # rates while it lasts; "at once: X": so many of X within the first minute
    lasts: int = 30
    fires: dict = dataclasses.field(default_factory=dict)  # alert: within so many minutes
    still: dict = dataclasses.field(default_factory=dict)  # alert: fires so many minutes after the beginning
    pending: dict = dataclasses.field(default_factory=dict)  # alert: is pending so many minutes after the beginning
    explained: tuple = ()  # may fire besides: Alertmanager does not notify of them, or the first is the same thing for longer
    always: dict = dataclasses.field(default_factory=dict)  # rates of this broker that differ from usual()
    resolved: int = 20  # minutes after the end at which nothing fires any more
    from_start: bool = False  # it is so from the first scrape on


S = Scenario
GETS_IN = "MqttReasonNobodyGetsIn"
LOSES = "MqttReasonMassDisconnect"
TLS = "MqttReasonTlsErrors"
MOST = "MqttReasonMostRequestsFail"
BURST = "MqttReasonAuthenticationBurst"
STEADY = "MqttReasonAuthenticationSteady"
BUSY = "MqttReasonServerUnavailable"
HUNG = "MqttReasonBrokerSilent"
SILENT = "MqttReasonSourceSilent"
RATIO = "MqttReasonErrorRatioAboveItsPast"
FALL_SILENT = "MqttReasonKeepAliveTimeoutsRising"
STORM = "MqttReasonTakeOverStorm"
PROTOCOL = "MqttReasonProtocolErrors"
PUBLISH = "MqttReasonPublishDenied"
SUBSCRIBE = "MqttReasonSubscribeDenied"
WITHOUT = "MqttReasonDeniedWithoutCode"
QUOTA = "MqttReasonQuotaExceeded"
LARGE = "MqttReasonPacketTooLarge"
VERSION = "MqttReasonUnsupportedProtocolVersion"
DOWN = "MqttReasonExporterDown"
GONE = "MqttReasonExporterGone"
SOURCE = "MqttReasonSourceDown"
LOGINS = (BURST, STEADY, RATIO)
AWAY = {"up": 0, "info": None, "source up": None} | dict.fromkeys(COUNTERS, None)  # None: no sample

RESTART = {"at once: shut down": 0.5, "at once: shut down, 3.1.1": 0.5, "at once: accepted": 0.5, "at once: accepted, 3.1.1": 0.5}
SCANS = {"no MQTT": 20, "no CONNECT": 5, "TLS": 2}
MOBILE = {"taken over": 1500, "taken over, 3.1.1": 1500, "timed out": 500, "network": 1000, "left": 500, "closed": 500}

SCENARIOS = [
    # ---- Must page
    S("certificate expired, 5 clients", "no rule read tls_error: nobody was paged, ever", 5, "first hour", NOBODY | {"TLS": 5}, fires={GETS_IN: 6}, explained=(TLS,)),
    S("certificate expired, 500 clients", "600 TLS errors a minute, and nobody gets in", 500, "first hour", NOBODY | {"TLS": 600}, fires={GETS_IN: 6, TLS: 10}),
    S("certificate expired, 100,000 clients", "the same rules serve a large fleet", 100_000, "first hour", NOBODY | {"TLS": 20_000}, fires={GETS_IN: 6, TLS: 10}),
    S("certificate expired in the second month", "a past of weeks changes nothing", 500, "second month", NOBODY | {"TLS": 600}, fires={GETS_IN: 10, TLS: 15}),
    S("certificate expired for a day", "the page stays for as long as nobody gets in", 500, "first days", NOBODY | {"TLS": 600}, lasts=1440, fires={GETS_IN: 10}, still={GETS_IN: 1430}, explained=(TLS,)),
    S("certificate expired before the exporter started", "nobody was ever accepted", 500, "first hour", NOBODY | {"TLS": 600}, fires={GETS_IN: 6, TLS: 10}, from_start=True),
    S("password file broken, 5 clients", "five clients are a fleet, too", 5, "first hour", NOBODY | {"bad password": 5}, fires={GETS_IN: 6}, explained=LOGINS),
    S("password file broken, 1,000 clients", "it was a ticket in the first week, never a page", 1000, "first week", NOBODY | {"bad password": 1000}, fires={GETS_IN: 10}, explained=LOGINS),
    S("password file broken, 100,000 clients", "the same for a large fleet", 100_000, "first hour", NOBODY | {"bad password": 10_000, "not authorized": 10_000}, fires={GETS_IN: 6, BURST: 10}),
    S("password file broken in the second month", "the page does not wait for a comparison", 500, "second month", NOBODY | {"bad password": 500}, fires={GETS_IN: 10}, explained=LOGINS),
    S("0x88 for all, 5 clients", "a try a minute each stayed below the old threshold of 6", 5, "first hour", NOBODY | {"unavailable": 5}, fires={GETS_IN: 6}, explained=(MOST,)),
    S("0x88 for all, 500 clients", "clients that retry each minute", 500, "first hour", NOBODY | {"unavailable": 500}, fires={GETS_IN: 6, BUSY: 15}, explained=(MOST,)),
    S("0x88 for all, 100,000 clients", "the same for a large fleet", 100_000, "first week", NOBODY | {"unavailable": 50_000}, fires={GETS_IN: 10, BUSY: 20}, explained=(MOST,)),
    S("50,000 network errors in five minutes", "the clients come back, and it is an outage", 100_000, "first hour", {"network": 10_000, "accepted": 6000, "accepted, 3.1.1": 6000}, lasts=5, fires={LOSES: 4}),
    S("50,000 network errors in five minutes, second month", "a past of weeks changes nothing", 100_000, "second month", {"network": 10_000, "accepted": 6000, "accepted, 3.1.1": 6000}, lasts=20, fires={LOSES: 15}),
    S("a site of 300 of 500 clients loses its network", "they do not come back", 500, "first hour", {"network": 50}, lasts=6, fires={LOSES: 5}),
    S("a health check gets in, all others are refused", "it was a ticket, because somebody got in", 500, "first hour", NOBODY | {"accepted": 1, "bad password": 600}, fires={GETS_IN: 6}, explained=LOGINS),
    S("a health check gets in by a plain port, the certificate expired", "for six hours; an hour ago there were more", 500, "first days", NOBODY | {"accepted": 2, "subscribed": 2, "TLS": 600}, lasts=360, fires={GETS_IN: 10}, still={GETS_IN: 350}, explained=(TLS,), always={"accepted": 14.5}),
    S("broker hung five minutes after the start of everything", "its history is short", 500, "first hour", usual(500), lasts=5, fires={HUNG: 11}, still={HUNG: 80}, explained=(SILENT,), always=SILENCE, resolved=99, from_start=True),
    S("broker hung, 5 clients", "even five clients, and what the broker says of itself, are records", 5, "first hour", SILENCE, fires={HUNG: 6}, explained=(SILENT,)),
    S("broker hung, 500 clients", "its log does not grow: nothing in the first week", 500, "first hour", SILENCE, fires={HUNG: 5}, explained=(SILENT,)),
    S("broker hung, 100,000 clients", "the same for a large fleet", 100_000, "first week", SILENCE, fires={HUNG: 10}, explained=(SILENT,)),
    S("broker hung in the second month", "the same after weeks", 500, "second month", SILENCE, fires={HUNG: 10}, explained=(SILENT,)),
    S("most publishes denied on the first day", "the comparison with the past pages only after a week", 500, "first hour", {"publish denied": 450, "published": 50}, fires={MOST: 20, PUBLISH: 20}),
    S("a quarter of the connects refused as busy", "clients cannot do their work, and it is no stranger's doing", 500, "first hour", {"busy": 8}, fires={BUSY: 15}),
    S("a third of the logins fail in the second month", "far more than ever at this time", 500, "second month", {"bad password": 12}, lasts=120, fires={RATIO: 60, BURST: 15}),
    # ---- Must be noticed
    S("a TLS listener with a wrong certificate beside a plain one", "others get in, so nobody is paged", 500, "first hour", {"TLS": 100}, fires={TLS: 12}),
    S("a guesser", "strangers alone do not page", 500, "first hour", {"bad password": 60}, fires={BURST: 6}),
    S("a guesser at a broker whose clients stay connected", "few get in meanwhile; it does not page", 500, "first hour", {"bad password": 60}, fires={BURST: 6}, always={"accepted": 0.5, "accepted, 3.1.1": 0.5}, explained=(STEADY,)),
    S("an old password on one device of five", "seen after hours, though few", 5, "first week", {"bad password": 0.5}, lasts=330, fires={STEADY: 300}, resolved=85),
    S("publishes denied", "an access rule is missing after a change", 500, "first hour", {"publish denied": 20}, fires={PUBLISH: 15}),
    S("subscriptions denied", "those clients receive nothing", 500, "first hour", {"subscribe denied": 10}, fires={SUBSCRIBE: 15}),
    S("publishes with QoS 0 denied", "no code says so", 500, "first hour", {"denied, QoS 0": 20}, fires={WITHOUT: 15}),
    S("quota exceeded", "a client floods", 500, "first hour", {"publish over quota": 30}, fires={QUOTA: 20}),
    S("packets too large", "a message grew", 500, "first hour", {"too large": 5}, fires={LARGE: 20}),
    S("a faulty client release", "malformed packets after CONNECT", 500, "first hour", {"malformed": 20}, fires={PROTOCOL: 20}),
    S("two devices share an id, 5 clients", "each connect throws out the other", 5, "first hour", {"accepted": 12, "taken over": 12}, fires={STORM: 25}),
    S("devices share an id in the second month", "far more take-overs than before", 500, "second month", {"accepted": 32, "taken over": 20}, fires={STORM: 30}),
    S("keep-alive time-outs from 20 to 1,000 a minute", "a proxy forgets connections: nothing in the first week", 10_000, "first week", {"timed out": 1000, "accepted": 750}, fires={LOSES: 15}),
    S("keep-alive time-outs rise fourfold in the second month", "too slow for a page", 100_000, "second month", {"timed out": 900}, lasts=120, fires={FALL_SILENT: 60}),
    S("clients of an old version", "they never get in", 500, "first week", {"old version": 2}, lasts=300, fires={VERSION: 240}, resolved=110),
    # ---- About the exporter
    S("exporter down for 26 hours", "it resolved by itself after a day, still down", 500, "first days", AWAY, lasts=26 * 60, fires={DOWN: 15}, still={DOWN: 1555}),
    S("exporter left discovery", "a deleted pod was never missed", 500, "first week", AWAY | {"up": None}, lasts=400, fires={GONE: 30}),
    S("source unreadable from the first moment", "the log belongs to another user", 500, "first hour", SILENCE | {"source up": 0}, fires={SOURCE: 7}, from_start=True),
    S("source unreadable later", "rights changed", 500, "first hour", SILENCE | {"source up": 0}, fires={SOURCE: 7}),
    # ---- Must be quiet
    S("all is well, 5 clients", "no number is too small for a fleet", 5, "first hour", {}),
    S("all is well, 500 clients", "", 500, "first hour", {}),
    S("all is well, 100,000 clients", "rates are large, shares are not", 100_000, "first hour", {}),
    S("all is well for days, 100,000 clients", "", 100_000, "first days", {}),
    S("all is well in the second month, 5 clients", "", 5, "second month", {}),
    S("planned restart, 5 clients", "0x8B and take-backs at once", 5, "first hour", RESTART, lasts=1),
    S("planned restart, 100,000 clients", "100,000 ends of class error at once", 100_000, "first hour", RESTART, lasts=1),
    S("planned restart in the second month", "", 500, "second month", RESTART, lasts=1),
    S("a cluster of 100,000 clients restarts node by node", "the broker says for half an hour that it shuts down", 100_000, "first hour", {"shut down": 1600, "shut down, 3.1.1": 1700, "accepted": 4150, "accepted, 3.1.1": 4150, "subscribed": 8300}),
    S("rolling reconnect of 100,000 clients", "10,000 a minute are sent to another server and come back", 100_000, "first hour", {"moved": 5000, "closed": 5000, "accepted": 7500, "accepted, 3.1.1": 7500, "subscribed": 15_000}, lasts=10),
    S("rolling reconnect by an operator in the second month", "kicked in waves", 100_000, "second month", {"kicked": 10_000, "accepted": 7500, "accepted, 3.1.1": 7500}, lasts=10),
    S("12 stray devices in 100,000", "0.6 % of the connects fired for ever", 100_000, "first hour", {"bad password": 30}, lasts=58),
    S("12 stray devices in 100,000 for a day", "nor after hours", 100_000, "first days", {"bad password": 30}, lasts=1440),
    S("7 server_busy beside 5,000 accepted connects", "it paged for ever", 100_000, "first hour", {"busy": 7}, lasts=58),
    S("scanners on a port of the internet, 500 clients", "bytes that are not MQTT before any CONNECT", 500, "first hour", SCANS, lasts=58),
    S("scanners on a port of the internet, 5 clients", "clients that stay connected for hours", 5, "first days", SCANS | {"bad password": 0.1}, lasts=1440),
    S("scanners in the second month", "", 100_000, "second month", {"no MQTT": 55, "TLS": 5}, lasts=230),
    S("a burst of one scanner", "30 handshakes within a minute, while nobody else connects", 5, "first hour", {"at once: TLS": 6}, lasts=1, always={"accepted": 0.05, "accepted, 3.1.1": 0.05}),
    S("scanners beside five clients that stay connected", "TLS fails for strangers as often as when somebody got in", 5, "first hour", {"accepted": 0}, lasts=58, always={"accepted": 0.5, "accepted, 3.1.1": 0, "TLS": 4}),
    S("a switch reboots, 500 clients", "all are lost at once, and come back", 500, "first hour", {"at once: network": 1, "at once: accepted": 0.5, "at once: accepted, 3.1.1": 0.5}, lasts=1),
    S("a switch reboots, 100,000 clients", "as with 500: what is lost every day is no reason to say that the losses continue", 100_000, "first hour", {"at once: network": 1, "at once: accepted": 0.5, "at once: accepted, 3.1.1": 0.5}, lasts=1),
    S("five clients connect when all is started, and stay connected", "silence of the log is what they do", 5, "first hour", {"accepted": 5, "records": 20}, lasts=3, always=SILENCE, from_start=True),
    S("scanners beside clients that stay connected for more than a day", "what was usual when somebody got in stays usual", 5, "first days", {"accepted": 0, "records": 12}, lasts=1650, always={"accepted": 0.5, "accepted, 3.1.1": 0, "TLS": 4}),
    S("mobile clients take over their own sessions", "the network changes under 100,000 of them", 100_000, "first hour", {}, always=MOBILE),
    S("mobile clients in the second month", "", 100_000, "second month", {}, always=MOBILE),
    S("0x10 for every publish", "nobody subscribes, and that is no error", 500, "first hour", {"published": 0, "no subscribers": 5000}, lasts=58),
    S("0x11 for every unsubscribe", "no error", 100_000, "first days", {"not subscribed": 50_000}, lasts=1440),
    S("counters begin again at 0", "the exporter restarts without a checkpoint", 500, "first hour", {RESET: True}, lasts=1),
    S("counters begin again at 0, 100,000 clients", "", 100_000, "second month", {RESET: True}, lasts=1),
    S("the exporter restarts and reads what was missed at once", "a log of ten minutes in one scrape", 500, "first hour", {f"at once: {c}": 0.02 for c in ("network", "timed out", "bad password", "publish denied")}, lasts=1),
    S("a shift ends and the plant falls silent", "the log gets quiet by and by", 500, "first hour", SILENCE | {"records": 2, "other records": 1}, lasts=58),
    S("a broker that hardly speaks falls silent", "few records cannot be missed", 5, "first hour", SILENCE, always={"records": 0.5, "other records": 0.2}, lasts=58),
    S("a device with a bad id", "one client retries each minute", 500, "first hour", {"bad id": 1}, lasts=58),
    S("exporter restarts", "two scrapes fail", 500, "first hour", AWAY, lasts=2),
    # ---- Pending only
    S("server_busy for six minutes", "over before anybody could help", 500, "first hour", {"busy": 30}, lasts=6, pending={BUSY: 5}),
    S("TLS errors for three minutes", "a client was started with a wrong trust store", 500, "first hour", {"TLS": 30}, lasts=3, pending={TLS: 3}),
    S("a password file broken for a minute", "mended before the page", 500, "first hour", {"bad password": 20, "accepted": 6, "accepted, 3.1.1": 6}, lasts=1),
]  # fmt: skip


# ---- The series

def begins(scenario):
    return 0 if scenario.from_start else AGES[scenario.age][0]


def ends(scenario):
    return AGES[scenario.age][1]


def pieces(scenario, name, rate):
    """[(minutes, rate), …] of a counter, or values of a gauge. A rate of None has no samples."""
    at, happens = begins(scenario), scenario.happens
    meanwhile = happens.get(name, rate)
    found = [(at, rate), (scenario.lasts, meanwhile), (ends(scenario) - at - scenario.lasts, rate)]
    if f"at once: {name}" in happens:
        found[1:2] = [(1, happens[f"at once: {name}"] * scenario.clients), (scenario.lasts - 1, rate)]
    if happens.get(RESET):
        found.insert(1, (0, RESET))
    left_out = AGES[scenario.age][3]
    if left_out and name in COUNTERS:
        found[:1] = [(left_out[0], rate), (left_out[1] - left_out[0], None), (at - left_out[1], rate)]
    return found


def counter(life):
    """Its samples, one a minute, in the notation of promtool."""
    out, total = [], 0
    for minutes, rate in life:
        if rate == RESET:
            total = 0
        if minutes == 0:
            continue
        if rate is None:
            out.append(f"_x{minutes}")
        elif rate == 0 or rate >= 1:
            out.append(f"{total + rate:.10g}+{rate:.10g}x{minutes - 1}")
            total += rate * minutes
        else:  # A slow counter does not change for minutes.
            samples = [int(total + rate * n + 1e-9) for n in range(1, minutes + 1)]
            total += rate * minutes
            while samples:
                same = samples.count(samples[0])
                out.append(f"{samples[0]}x{same - 1}")
                samples = samples[same:]
    return " ".join(out)


def gauge(life):
    return " ".join(f"_x{minutes}" if value is None else f"{value}x{minutes - 1}" for minutes, value in life if minutes)


def series_of(scenario, instance):
    labels = f'job="j", instance="{instance}", broker="{instance}"'
    rates = usual(scenario.clients) | scenario.always
    # All series of the exporter exist from the start. Those that stay 0 change no sum; small fleets have them, large ones spare the time.
    all_of_them = scenario.clients == 5
    lives = {name: pieces(scenario, name, rates[name]) for name in COUNTERS}
    found = [
        {"series": COUNTERS[name] % labels, "values": counter(life)}
        for name, life in lives.items()
        if all_of_them or any(rate for _, rate in life)
    ]
    for name, text in GAUGES.items():
        found.append({"series": text.replace("%i", instance).replace("%s", labels), "values": gauge(pieces(scenario, name, 1))})
    return [one for one in found if one["values"].strip("_x0123456789 ") or not one["values"].startswith("_x")]


# ---- What must fire, be pending or stay silent


def checks_of(scenario, instance):
    at, end = begins(scenario), ends(scenario)
    step = 5 if AGES[scenario.age][2] == "5m" else 1

    def of(state, alert):
        return f'ALERTS{{alertname="{alert}", alertstate="{state}", instance="{instance}"}}'

    def check(minute, expr, holds):
        return {"expr": expr, "eval_time": f"{minute}m", "exp_samples": [{"labels": "{}", "value": 1}] if holds else []}

    checks = []
    for alert, within in scenario.fires.items():
        checks.append(check(at + within, f"group({of('firing', alert)})", True))
        if at:
            checks.append(check(at - step, f"group({of('firing', alert)})", False))
    for alert, minute in scenario.still.items():
        checks.append(check(at + minute, f"group({of('firing', alert)})", True))
    for alert, minute in scenario.pending.items():
        checks.append(check(at + minute, f"group({of('pending', alert)})", True))
    named = "|".join([*scenario.fires, *scenario.explained, "MqttReasonFirstInAWeek"])
    others = f'ALERTS{{alertname!~"{named}", alertstate="firing", instance="{instance}"}}'
    checks.append(check(end, f"group(count_over_time({others}[{end}m]))", False))
    after = at + scenario.lasts + scenario.resolved
    if scenario.fires and after < end and GONE not in scenario.fires:
        checks.append(check(after, f'group(ALERTS{{alertname!="MqttReasonFirstInAWeek", alertstate="firing", instance="{instance}"}})', False))
    return checks


def instance_of(scenario):
    """Also its broker's name: promtool shows it where a check fails."""
    return "".join(letter if letter.isalnum() else "-" for letter in scenario.name)


def main():
    age, *rules = sys.argv[1:]
    if age == "list":
        for scenario in SCENARIOS:
            expected = ", ".join(f"{alert} within {within} min" for alert, within in scenario.fires.items())
            print(f"{scenario.age:13} {scenario.clients:>7,}  {scenario.name}: {expected or 'silence'}")
        return
    if len({instance_of(scenario) for scenario in SCENARIOS}) != len(SCENARIOS):
        raise SystemExit("two scenarios have one name")
    chosen = [scenario for scenario in SCENARIOS if scenario.age == age]
    series = [one for scenario in chosen for one in series_of(scenario, instance_of(scenario))]
    checks = [check for scenario in chosen for check in checks_of(scenario, instance_of(scenario))]
    groups = ("rates", "limits", "usual", "past", "week", "clients", "exporter", "discovery", "sources")
    test = {"name": age, "interval": "1m", "input_series": series, "promql_expr_test": checks}
    json.dump(
        {
            "rule_files": rules,
            "evaluation_interval": AGES[age][2],
            "group_eval_order": [f"mqtt-reason-{group}" for group in groups],
            "tests": [test],
        },
        sys.stdout,
        indent=1,
    )


if __name__ == "__main__":
    main()
