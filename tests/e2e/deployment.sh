#!/usr/bin/env bash
# What config/systemd and config/kubernetes hand out works as it stands: systemd knows every line of the unit and finds it
# well closed, and its command serves; the manifest's own broker configuration, exporter configuration, arguments and
# probe fit together and count.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
config=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../../config")
unit=$config/systemd/mqtt-reason-exporter.service
manifest=$config/kubernetes/sidecar.yaml

# ---- systemd

installed=/usr/local/bin/mqtt-reason-exporter
sed "s|^ExecStart=$installed |ExecStart=$MRE_BINARY |" "$unit" >"$work/${unit##*/}"
check 'systemd has nothing to say of the unit' '' \
  "$(systemd-analyze verify --man=no --recursive-errors=no "$work/${unit##*/}" 2>&1)"
systemd-analyze security --offline=true --threshold=20 "$work/${unit##*/}" >"$work/security.out" 2>&1 ||
  failed 'how open systemd finds it, of 10' 'at most 2' "$(tail -n 1 "$work/security.out")"
printf 'ok     how open systemd finds it, of 10: at most 2\n'

command=$(sed -n "s|^ExecStart=$installed ||p" "$unit")
check_text 'its command names a configuration file' '^--config\.file /etc/mqtt-reason-exporter/exporter\.yaml$' "$command"
# shellcheck disable=SC2016
check_text 'a reload is a SIGHUP' '^ExecReload=/bin/kill -HUP \$MAINPID$' "$(cat "$unit")"
hall_config >/dev/null
start_mosquitto
# shellcheck disable=SC2086
start_exporter ${command/\/etc\/mqtt-reason-exporter/$work}
expect 'its command reads the configuration' 1 source_up source=log
stop "$exporter"
stop "$broker"

# ---- Kubernetes. Its ports are those of the manifest: in a network of its own.

[[ $(id -u) -eq 0 ]] || {
  printf 'skipped: the manifest needs root, for a network namespace and a capture\n'
  exit 0
}
# Leaves in $work: mosquitto.conf, exporter.yaml, and the lines args, probe, publish of the file `pod`.
python3 - "$manifest" "$work" <<'PYTHON'
import shlex, sys, yaml

manifest, work = sys.argv[1:]
objects = {(o["kind"], o["metadata"]["name"]): o for o in yaml.safe_load_all(open(manifest))}
pod = objects["Deployment", "mosquitto"]["spec"]["template"]["spec"]
volumes = {volume["name"]: volume for volume in pod["volumes"]}
containers = {container["name"]: container for container in pod["containers"]}

def file_at(container, path):
    """What the container sees there, by way of its mounts, the volumes and the ConfigMaps."""
    for mount in container["volumeMounts"]:
        folder, _, name = path.rpartition("/")
        if mount["mountPath"] == folder:
            return objects["ConfigMap", volumes[mount["name"]]["configMap"]["name"]]["data"][name]
    sys.exit(f"nothing is mounted at {path}")

exporter = containers["reason-exporter"]
arguments = []
for argument in exporter["args"]:
    flag, _, path = argument.partition("=")
    if flag == "--config.file":
        open(f"{work}/exporter.yaml", "w").write(file_at(exporter, path))
        argument = f"{flag}={work}/exporter.yaml"
    arguments.append(argument)
open(f"{work}/mosquitto.conf", "w").write(file_at(containers["mosquitto"], "/mosquitto/config/mosquitto.conf"))

ports = {port["name"]: port["containerPort"] for container in pod["containers"] for port in container["ports"]}
for port in objects["Service", "mosquitto"]["spec"]["ports"]:
    assert port["port"] == ports[port["targetPort"]], port
state = next(m for m in exporter["volumeMounts"] if m["mountPath"] == "/var/lib/mqtt-reason-exporter")
assert "emptyDir" in volumes[state["name"]], state
probe = exporter["livenessProbe"]["httpGet"]
with open(f"{work}/pod", "w") as pod_file:
    print(shlex.join(arguments), f"{ports[probe['port']]}{probe['path']}", ports["mqtt"], sep="\n", file=pod_file)
PYTHON
{ read -r arguments; read -r probe; read -r mqtt_port; } <"$work/pod"

ip netns add "mre-$$" 2>"$work/netns.out" || {
  printf 'skipped: this system gives no network namespace: %s\n' "$(cat "$work/netns.out")"
  exit 0
}
end_pod() {
  local status=$?
  ip netns delete "mre-$$" || true
  clean_up "$status"
}
trap end_pod EXIT
within() { nsenter --net="/run/netns/mre-$$" "$@"; }
within ip link set lo up

start mosquitto nsenter --net="/run/netns/mre-$$" mosquitto -c "$work/mosquitto.conf"
# shellcheck disable=SC2086
start exporter nsenter --net="/run/netns/mre-$$" setpriv --bounding-set=-all,+net_raw "$MRE_BINARY" $arguments
fetch() { within curl -fsS --max-time 10 "http://127.0.0.1:${probe%%/*}$1"; }
expect_success 'the liveness probe is answered' fetch "/${probe#*/}"
expect 'packets are read' 1 source_up
in_pod() { within mosquitto_pub -h 127.0.0.1 -p "$mqtt_port" -V mqttv5 -t unheard -q 1 -m 1; }
expect_success 'a client is served' in_pod
expect 'its codes are counted' 1 codes broker=mosquitto packet=PUBACK code=0x10
