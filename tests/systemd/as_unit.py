#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""as_unit.py ARGUMENT...

Is the exporter to the scripts of tests/e2e (MRE_BINARY), in a system that boot.sh has booted: what serves is started by
systemd as config/systemd/mqtt-reason-exporter.service, with these arguments and in its sandbox. Other commands run as they are.
SIGHUP reloads the unit, SIGTERM stops it, SIGINT goes to its main process. Ends with the exit status of the main process.

The drop-in changes only what a script needs to see or to choose: the command line, the network namespace, where the output
and the state are, and that the unit is not started again after a failure."""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

NAME = "mqtt-reason-exporter"
PROGRAM = f"/usr/local/bin/{NAME}"
DROP_IN = pathlib.Path(f"/run/systemd/system/{NAME}.service.d/test.conf")
STATE = pathlib.Path(os.environ["STATE_DIRECTORY"])


def quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"'


def as_root(*command):
    """Runs it as root, which this process may become."""
    return subprocess.run(command, user=0, group=0, extra_groups=[], check=False, stdout=subprocess.PIPE, text=True)


def named_namespace():
    """The network namespace that `ip netns` knows by name, if this process is in one."""
    own = os.stat("/proc/self/ns/net")
    for path in pathlib.Path("/run/netns").glob("*"):
        if os.path.samestat(own, path.stat()):
            return path
    return None


def drop_in(arguments, outputs):
    lines = ["[Service]", "ExecStartPre=", "ExecStart=", "Restart=no", " ".join(["ExecStart=" + PROGRAM, *map(quoted, arguments)])]
    for name, descriptor in (("StandardOutput", 1), ("StandardError", 2)):
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        if not os.path.isfile(path):  # systemd cannot write into a pipe of another user
            outputs[descriptor] = tempfile.NamedTemporaryFile()
            path = outputs[descriptor].name
        lines.append(f"{name}=append:{path}")
    STATE.mkdir(mode=0o700, exist_ok=True)
    lines.append(f"BindPaths={STATE}:/var/lib/{NAME}")
    for argument in arguments:
        key, _, directory = argument.partition("=")
        if key == "--state.dir" and directory != "none":
            pathlib.Path(directory).mkdir(mode=0o700, exist_ok=True)
            lines.append(f"ReadWritePaths={directory}")
    if namespace := named_namespace():
        lines.append(f"NetworkNamespacePath={namespace}")
    if any("capture" in argument for argument in arguments) or config_captures(arguments):
        lines.append("AmbientCapabilities=CAP_NET_RAW")
    return "\n".join(lines) + "\n"


def config_captures(arguments):
    joined = " ".join(arguments).replace("--config.file ", "--config.file=").split()
    files = [word.partition("=")[2] for word in joined if word.startswith("--config.file=")]
    return any("capture:" in pathlib.Path(file).read_text() for file in files if os.path.exists(file))


def main(arguments):
    if arguments and arguments[0] != "serve" and not arguments[0].startswith("--"):
        os.execv(PROGRAM, [PROGRAM, *arguments])
    signals = {signal.SIGHUP, signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    outputs = {}
    text = drop_in(arguments, outputs)
    as_root("sh", "-euc", 'mkdir -p "${1%/*}"; printf %s "$2" >"$1"; systemctl daemon-reload', "sh", str(DROP_IN), text)
    as_root("systemctl", "reset-failed", NAME)
    as_root("systemctl", "restart", NAME)
    shown = dict(line.split("=", 1) for line in as_root("systemctl", "show", "-p", "MainPID", "-p", "ExecMainStatus", NAME).stdout.split())
    process = int(shown["MainPID"])
    while process and os.path.exists(f"/proc/{process}"):
        received = signal.sigtimedwait(signals, 0.05)
        if not received:
            continue
        if received.si_signo == signal.SIGHUP:
            as_root("systemctl", "reload", NAME)
        elif received.si_signo == signal.SIGTERM:
            as_root("systemctl", "stop", NAME)
        else:
            as_root("systemctl", "kill", "--kill-whom=main", "--signal=INT", NAME)
    while (state := as_root("systemctl", "show", "-P", "ActiveState", NAME).stdout.strip()) in ("active", "deactivating", "reloading"):
        time.sleep(0.05)
    for descriptor, file in outputs.items():
        os.write(descriptor, file.read())
    status = as_root("systemctl", "show", "-P", "ExecMainStatus", NAME).stdout.strip()
    return int(status or 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
