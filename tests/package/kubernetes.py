#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kubernetes.py DIRECTORY   What config/kubernetes and dashboards/kustomization.yaml say fits together, without kustomize.

Writes to DIRECTORY what a test needs to start the example's pods by hand, for NAME in example and example-capture:
NAME.exporter.yaml, NAME.mosquitto.conf, and NAME.pod with the lines: arguments of the exporter, its probe as PORT/PATH,
the port of the broker."""
import pathlib
import shlex
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "config/kubernetes"
DASHBOARDS = ROOT / "dashboards"
FLAG = "mqtt-reason-exporter"


def objects(path):
    return [o for o in yaml.safe_load_all(path.read_text()) if o is not None]


def one(path):
    (found,) = objects(path)
    return found


def expect(what, want, got):
    if want != got:
        sys.exit(f"{what}: expected {want!r}, got {got!r}")
    print(f"ok     {what}")


def check_references(path):
    """Every file that a kustomization names is there, and no other YAML is beside it."""
    kustomization = one(path)
    directory = path.parent
    named = {path.name}
    names = kustomization.get("resources", []) + kustomization.get("components", [])
    names += [p["path"] for p in kustomization.get("patches", []) if "path" in p]
    for generator in kustomization.get("configMapGenerator", []):
        names += generator["files"]
    for name in names:
        target = directory / name
        assert target.exists(), f"{path}: {name} is not there"
        assert target.is_file() or (target / "kustomization.yaml").exists(), f"{path}: {name} has no kustomization.yaml"
        named.add(name)
    if directory != DASHBOARDS:
        expect(f"{directory.relative_to(ROOT)} has what its kustomization names", set(),
               {f.name for f in directory.iterdir()} - named)


def check_dashboards():
    kustomization = one(DASHBOARDS / "kustomization.yaml")
    files = [f for generator in kustomization["configMapGenerator"] for f in generator["files"]]
    expect("each dashboard is a ConfigMap", sorted(f.name for f in DASHBOARDS.glob("mqtt-reason-*.json")), sorted(files))
    expect("Grafana's sidecar finds them", {"grafana_dashboard": "1"}, kustomization["generatorOptions"]["labels"])
    groups = [g for name in ("rules.yaml", "alerts.yaml") for g in one(DASHBOARDS / name)["groups"]]
    expect("the PrometheusRule has the rules and alerts", groups, one(DASHBOARDS / "prometheusrule.yaml")["spec"]["groups"])


def merged(base, patch):
    """A strategic merge, as far as the patches here need it: maps by key, lists of maps by `name`, others replaced."""
    if isinstance(base, dict) and isinstance(patch, dict):
        return {k: merged(base[k], patch[k]) if k in base and k in patch else patch.get(k, base.get(k))
                for k in {**base, **patch}}
    if isinstance(base, list) and isinstance(patch, list) and all(isinstance(i, dict) and "name" in i for i in base + patch):
        rows = {i["name"]: i for i in base}
        return list({**rows, **{i["name"]: merged(rows.get(i["name"], {}), i) for i in patch}}.values())
    return patch


def check_pod(name, pod, restricted):
    containers = {c["name"]: c for c in pod["initContainers"] + pod["containers"]}
    exporter = containers["reason-exporter"]
    expect(f"{name}: it is a native sidecar", "Always", exporter["restartPolicy"])
    volumes = {v["name"] for v in pod["volumes"]}
    for container in containers.values():
        security = {**pod.get("securityContext", {}), **container["securityContext"]}
        missing = {m["name"] for m in container["volumeMounts"]} - volumes
        expect(f"{name}: the volumes of {container['name']} are there", set(), missing)
        expect(f"{name}: the root of {container['name']} is read-only", True, security["readOnlyRootFilesystem"])
        expect(f"{name}: {container['name']} gains no privileges", (False, "RuntimeDefault", ["ALL"]),
               (security["allowPrivilegeEscalation"], security["seccompProfile"]["type"], security["capabilities"]["drop"]))
        capture = not restricted and container is exporter
        expect(f"{name}: {container['name']} has the user and capabilities that it needs", (not capture, ["NET_RAW"] if capture else []),
               (security["runAsNonRoot"], security["capabilities"].get("add", [])))
    return containers


def main():
    out = pathlib.Path(sys.argv[1])
    for path in [*KUBERNETES.glob("*/kustomization.yaml"), DASHBOARDS / "kustomization.yaml"]:
        check_references(path)
    check_dashboards()

    workload, service = objects(KUBERNETES / "example/mosquitto.yaml")
    component = one(KUBERNETES / "component/kustomization.yaml")
    expect("the component selects by one label", f"{FLAG}=true", component["patches"][0]["target"]["labelSelector"])
    expect("the example has it", "true", workload["metadata"]["labels"][FLAG])
    sidecar = merged(workload, one(KUBERNETES / "component/sidecar.yaml"))
    captured = merged(sidecar, yaml.safe_load(one(KUBERNETES / "capture/kustomization.yaml")["patches"][0]["patch"]))

    labels = sidecar["spec"]["template"]["metadata"]["labels"]
    monitor = one(KUBERNETES / "component/podmonitor.yaml")["spec"]
    policy = one(KUBERNETES / "component/networkpolicy.yaml")["spec"]
    for what, selector in (("PodMonitor", monitor["selector"]), ("NetworkPolicy", policy["podSelector"])):
        expect(f"the {what} selects its pods", True, selector["matchLabels"].items() <= labels.items())

    for name, pod, level in (("example", sidecar, "restricted"), ("example-capture", captured, "privileged")):
        containers = check_pod(name, pod["spec"]["template"]["spec"], level == "restricted")
        exporter = containers["reason-exporter"]
        ports = {p["name"]: p["containerPort"] for c in containers.values() for p in c["ports"]}
        expect(f"{name}: the PodMonitor names a port", True, monitor["podMetricsEndpoints"][0]["port"] in ports)
        closed, *opened = policy["ingress"]
        expect(f"{name}: only `monitoring` reaches the metrics", [ports["metrics"]], [p["port"] for p in closed["ports"]])
        ranges = [(p["port"], p["endPort"]) for p in opened[0]["ports"] if p["protocol"] == "TCP"]
        expect(f"{name}: every other port is open", [(1, ports["metrics"] - 1), (ports["metrics"] + 1, 65535)], ranges)
        whole = [p["protocol"] for p in opened[0]["ports"] if "port" not in p]
        expect(f"{name}: the policy concerns no other protocol", ["UDP", "SCTP"], whole)
        expect(f"{name}: the Service leads to the broker", [ports["mqtt"]],
               [ports[p["targetPort"]] for p in service["spec"]["ports"]])

        directory = KUBERNETES / name
        namespace = one(KUBERNETES / "example/namespace.yaml")
        for patch in one(directory / "kustomization.yaml").get("patches", []):
            namespace = merged(namespace, yaml.safe_load(patch["patch"]))
        expect(f"{name}: the Pod Security level", level, namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"])

        # Paths of the pod become paths of the directory that the test starts it in.
        (out / f"{name}.exporter.yaml").write_text((directory / "exporter.yaml").read_text().replace("/var/log/broker", str(out)))
        broker = (KUBERNETES / "example/mosquitto.conf").read_text()
        (out / f"{name}.mosquitto.conf").write_text(broker.replace("/var/log/mosquitto", str(out)))
        arguments = [a.replace("/etc/mqtt-reason-exporter/", f"{out}/{name}.") for a in exporter["args"]]
        probe = exporter["livenessProbe"]["httpGet"]
        (out / f"{name}.pod").write_text(f"{shlex.join(arguments)}\n{ports[probe['port']]}{probe['path']}\n{ports['mqtt']}\n")


main()
