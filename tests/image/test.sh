#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the Dockerfile and starts its image as a user would: as its own user, with its ENTRYPOINT and CMD, a mounted
# configuration and a mounted log, until /metrics shows the code in the log. Then tests of tests/e2e run with the image's
# program in the image's root directory, which is read-only, without any capability but what a capture needs.
#
#   test.sh [all]     all: every script in which the container can be the exporter; else one without a capability, one with
#
# Needs root, Debian's buildah, netavark and debootstrap, and a Debian mirror, but no container service and no registry: the base
# image is made by debootstrap under the name that the Dockerfile asks for. Its files stay in build/image, for the next
# run; everything else is removed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/lib.sh
source "$root/tests/lib.sh"

# buildah remounts /, which must be a mount point for that; inside a plain chroot it is none.
if ! mountpoint -q /; then
  mkdir -p "$root/build/image/root"
  # shellcheck disable=SC2016
  exec unshare --mount --propagation unchanged bash -uc '
    mount --rbind / "$1" && mount --make-rslave "$1" || exit 1
    chroot "$1" "${@:2}"
    status=$?
    umount --lazy "$1"
    exit "$status"' "$0" "$root/build/image/root" "$root/tests/image/test.sh" "$@"
fi
reading=(exact_counts)
capturing=(capture_joined)
if [[ ${1:-} == all ]]; then
  reading=(bad_input broker_away detection exact_counts log_level log_rotation reload signals strangers web_config)
  capturing=(capture_drops capture_hostile capture_joined capture_live capture_loss capture_tls)
fi

base_image=docker.io/library/debian:trixie-slim
image=localhost/mqtt-reason-exporter:test
work=$root/build/image
export BUILDAH_ISOLATION=chroot

in_storage() { nice buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs "$@"; }

# Small enough everywhere: what buildah asks for otherwise, root of a container may not have.
limits=(--ulimit nofile=4096:4096 --ulimit nproc=4096:4096)

serving=
clean_up() {
  if [[ -n $serving ]]; then end_group "$serving"; fi
  in_storage rm --all >/dev/null 2>&1 || true
  rm -rf "$work/storage" "$work/run" "$work/mounted" "$work/contained" "$work/exporter" "$work/base.part"
}
trap clean_up EXIT

step() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

make_base() {
  if [[ ! -f $work/base.tar ]]; then
    debootstrap --variant=minbase trixie "$work/base.part" http://deb.debian.org/debian
    rm -rf "$work"/base.part/var/cache/apt/archives/*.deb "$work"/base.part/var/lib/apt/lists/*
    tar --one-file-system -C "$work/base.part" -cf "$work/base.tar.part" .
    mv "$work/base.tar.part" "$work/base.tar"
  fi
  local container
  container=$(in_storage from scratch)
  in_storage add --quiet "$container" "$work/base.tar" /
  in_storage commit --quiet --rm "$container" "$base_image"
}

# expect WHAT WANT GOT
expect() {
  [[ $3 == "$2" ]] || die "$1: expected \"$2\", got \"$3\""
}

rm -rf "$work/storage" "$work/run"
mkdir -p "$work/mounted"

step 'the base image'
make_base
step 'the build'
# Alone in its network, a container finds nothing to fetch: the build and the run use the network of this machine.
in_storage build --network host "${limits[@]}" --tag "$image" --file "$root/Dockerfile" "$root"
step 'what the image says of itself'
container=$(in_storage from "${limits[@]}" "$image")
config() { in_storage inspect --format "{{$1}}" "$container"; }
expect user 65532:65532 "$(config .OCIv1.Config.User)"
expect ports 'map[10883/tcp:{}]' "$(config .OCIv1.Config.ExposedPorts)"
expect license Apache-2.0 "$(config 'index .OCIv1.Config.Labels "org.opencontainers.image.licenses"')"
read -ra entrypoint <<<"$(config 'range .OCIv1.Config.Entrypoint}}{{.}} {{end')"
read -ra arguments <<<"$(config 'range .OCIv1.Config.Cmd}}{{.}} {{end')"
expect entrypoint /usr/bin/mqtt-reason-exporter "${entrypoint[*]}"

step 'the start'
port=$(free_port 10883)
cat >"$work/mounted/exporter.yaml" <<'YAML'
brokers:
  - name: imaged
    profile: mosquitto
    sources:
      - name: log
        log:
          path: /etc/mqtt-reason-exporter/mosquitto.log
          from: beginning
YAML
printf '1700000000: Sending CONNACK to meter-1 (0, 135)\n' >"$work/mounted/mosquitto.log"
chmod -R a+rX "$work/mounted"
setsid buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs \
  run --network host --volume "$work/mounted:/etc/mqtt-reason-exporter:ro" "$container" -- \
  "${entrypoint[@]}" "${arguments[@]/:10883/127.0.0.1:$port}" >"$work/serve.log" 2>&1 </dev/null &
serving=$!
counted() {
  curl -fsS --max-time 5 "http://127.0.0.1:$port/metrics" |
    grep -E '^mqtt_reason_codes_total\{broker="imaged",.*packet="CONNACK",.*code="0x87",.* 1$'
}
if ! wait_for 60 counted; then
  cat "$work/serve.log"
  die 'The image does not serve the code in the log.'
fi
for process in /proc/[0-9]*; do
  if [[ $(tr '\0' ' ' <"$process/cmdline" 2>/dev/null) == "${entrypoint[0]} "*":$port "* ]]; then
    expect 'user of the process' 65532 "$(stat -c %u "$process")"
    found=yes
  fi
done
expect 'the process' yes "${found:-not found}"

step 'a read-only root, no capability'
end_group "$serving"
serving=
mounted=$(in_storage mount "$container")
# e2e CAPABILITIES SCRIPT...: with the image's program as the exporter.
e2e() {
  local script
  printf '#!/bin/sh\nexec "%s/tests/image/contained.sh" "%s" "%s" "%s" "$@"\n' "$root" "$mounted" "$1" "${entrypoint[0]}" >"$work/exporter"
  chmod 755 "$work/exporter"
  for script in "${@:2}"; do
    printf '== %s\n' "$script"
    MRE_BINARY=$work/exporter timeout --kill-after=30 300 "$root/tests/e2e/$script.sh" || bad+=("$script")
  done
}
contained() { STATE_DIRECTORY=$work/contained/state "$root/tests/image/contained.sh" "$mounted" -all "$@"; }
for path in /etc /var/lib/mqtt-reason-exporter; do
  if contained touch "$path/written" 2>/dev/null; then die "The container can write to $path."; fi
done
expect 'capabilities' 'CapEff: 0000000000000000' "$(contained grep CapEff /proc/self/status | tr -s '\t' ' ')"
bad=()
e2e -all "${reading[@]}"
e2e -all,+net_raw "${capturing[@]}"
expect 'scripts that fail in the container' '' "${bad[*]}"
step 'good'
