#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compose.py check                  What config/compose says fits together.
compose.py contained SERVICE WORK [PROGRAM]
                                  Prints, a word a line, the bwrap command in which a program sees what the service's
                                   container gives it: a read-only root with this system's /usr, the volumes (named ones
                                   in WORK/volumes), the names of WORK/hosts, the user, no capability, no new privileges.
                                   PROGRAM, which is not one of this system, is /program.
compose.py image                  The command of the Dockerfile, a word a line."""
import json
import pathlib
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "config/compose"
SERVICES = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]


def load(name):
    return yaml.safe_load((COMPOSE / name).read_text())


def expect(what, want, got):
    if want != got:
        sys.exit(f"{what}: expected {want!r}, got {got!r}")
    print(f"ok     {what}")


def volumes(service):
    """(source, destination, writable); a source without a slash is a named volume."""
    for volume in SERVICES[service]["volumes"]:
        source, destination, *mode = volume.split(":")
        yield source, destination, mode != ["ro"]


def is_port(service, port):
    return any(p.endswith(f":{port}") for p in SERVICES[service]["ports"])


def check():
    for name, service in SERVICES.items():
        expect(f"{name} has no capability and gains none", (["ALL"], ["no-new-privileges:true"]),
               (service["cap_drop"], service["security_opt"]))
        expect(f"{name} is published on loopback alone", True, all(p.startswith("127.0.0.1:") for p in service["ports"]))
        missing = [s for s, _, _ in volumes(name) if s.startswith(".") and not (COMPOSE / s).exists()]
        expect(f"the files of {name} are there", [], missing)
    (source,) = load("grafana/datasources/prometheus.yaml")["datasources"]
    expect("Grafana asks Prometheus", (True, True),
           (source["url"] == "http://prometheus:9090", is_port("prometheus", 9090)))
    (provider,) = load("grafana/dashboards/mqtt-reason.yaml")["providers"]
    mounted = {destination: (COMPOSE / s).resolve() for s, destination, _ in volumes("grafana")}
    shown = sorted(f for d, f in mounted.items() if d == f"{provider['options']['path']}/{f.name}")
    expect("Grafana shows each dashboard", sorted((ROOT / "dashboards").glob("mqtt-reason-*.json")), shown)
    expect("the first of them is there", True,
           SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"] in mounted)
    inhibitions = yaml.safe_load((ROOT / "dashboards/inhibit.yaml").read_text())["inhibit_rules"]
    expect("Alertmanager has the inhibition rules", inhibitions, load("alertmanager.yml")["inhibit_rules"])


def contained(service, work, *programs):
    user, _, group = SERVICES[service].get("user", "65534:65534").partition(":")
    words = ["bwrap", "--unshare-user", "--uid", user, "--gid", group, "--unshare-pid", "--unshare-ipc", "--die-with-parent",
             "--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev", "--ro-bind", "/usr", "/usr"]
    for name in ("bin", "lib", "lib64", "sbin"):
        words += ["--symlink", f"usr/{name}", f"/{name}"]
    for name in ("ld.so.cache", "nsswitch.conf"):
        words += ["--ro-bind", f"/etc/{name}", f"/etc/{name}"]
    words += ["--ro-bind", f"{work}/hosts", "/etc/hosts"]
    for source, destination, writable in volumes(service):
        path = (COMPOSE / source).resolve() if source.startswith(".") else pathlib.Path(work) / "volumes" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        if not source.startswith("."):
            path.mkdir(exist_ok=True)
        words += ["--bind" if writable else "--ro-bind", str(path), destination]
    for program in programs:
        words += ["--ro-bind", program, "/program"]
    return [*words, "--remount-ro", "/"]


def image():
    words = []
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith(("ENTRYPOINT ", "CMD ")):
            words += json.loads(line.split(" ", 1)[1])
    return words


if sys.argv[1] == "check":
    check()
else:
    print(*(contained(*sys.argv[2:]) if sys.argv[1] == "contained" else image()), sep="\n")
