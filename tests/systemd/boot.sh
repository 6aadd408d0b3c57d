#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# boot.sh COMMAND...: boots a real systemd, in an overlay of this system and in namespaces of its own, and runs the command in
# it as root. Ends with the status of the command, or with 77 where this system does not allow it.
#
# Nothing of this system is changed: what is written is in memory and ends with it, the network is a loopback of its own, and
# systemd manages a control group of its own. The project's files are there, read-only. No unit of this system is started.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/lib.sh
source "$root/tests/lib.sh"

# ---- Inside of the namespaces: the first process, which becomes systemd.

become_systemd() {
  local top=$1 booted=$1/root name
  mount -t tmpfs -o mode=755 tmpfs "$top"
  mkdir -m 755 "$top"/{upper,work,root}
  mount -t overlay overlay -o "lowerdir=/,upperdir=$top/upper,workdir=$top/work" "$booted"
  mount --bind "$root" "$booted$root"  # which may be on another file system
  mount -o remount,bind,ro "$booted$root"
  mount -t proc proc "$booted/proc"
  mount --bind "$booted/proc/sys" "$booted/proc/sys"
  mount -o remount,bind,ro "$booted/proc/sys"  # the kernel's settings are of the whole machine
  mount -t sysfs -o ro sysfs "$booted/sys"
  mount -t cgroup2 cgroup2 "$booted/sys/fs/cgroup" || mount -t tmpfs tmpfs "$booted/sys/fs/cgroup"
  mount -t tmpfs tmpfs "$booted/run"
  mount -t tmpfs -o mode=1777 tmpfs "$booted/tmp"
  # A /dev of its own, because the journal makes /dev/log.
  mount -t tmpfs -o mode=755 tmpfs "$booted/dev"
  for name in null zero full random urandom tty; do
    : >"$booted/dev/$name"
    mount --bind "/dev/$name" "$booted/dev/$name"
  done
  mkdir "$booted"/dev/{pts,shm}
  mount -t devpts -o newinstance,ptmxmode=0666 devpts "$booted/dev/pts"
  mount -t tmpfs -o mode=1777 tmpfs "$booted/dev/shm"
  ln -s pts/ptmx "$booted/dev/ptmx"
  ln -s /proc/self/fd "$booted/dev/fd"
  : >"$booted/etc/fstab"
  systemd-id128 new >"$booted/etc/machine-id"
  rm -f "$booted/etc/resolv.conf"
  ln -sf /dev/null "$booted/etc/systemd/system/systemd-modules-load.service"
  printf '[Unit]\nDescription=A system for tests\nRequires=basic.target\nAfter=basic.target\n' >"$booted/etc/systemd/system/test.target"
  ip link set lo up
  read -r pid _ </proc/self/stat  # this /proc still shows the id that it has outside
  printf '%s\n' "$pid" >"$top.pid"
  # What enters the mounts of a service comes to this root, not to that of this system.
  mkdir "$booted/old"
  cd "$booted"
  pivot_root . old
  umount --lazy old
  mount --make-rshared /  # as systemd expects it of who starts it in a container: credentials of units are mounted
  # A container's systemd: it leaves the kernel and the hardware alone.
  exec env -i container=mre PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /usr/lib/systemd/systemd --system --unit=test.target
}
if [[ ${1:-} == --inside ]]; then
  become_systemd "$2"
fi

# ---- Outside

unavailable() {
  printf 'skipped: no systemd can be booted here: %s\n' "$*"
  exit 77
}
[[ $(id -u) -eq 0 ]] || unavailable 'this needs root'
top=$(mktemp -d)
groups_root=$top.groups
mkdir "$groups_root"
init=
end_system() {
  local status=$?
  trap - EXIT
  if [[ -n $init ]]; then kill -KILL "$init" 2>/dev/null || true; fi
  wait || true
  if [[ -d $groups_root/mre-$$ ]]; then
    # A group can be removed when its last process is gone.
    wait_for 10 find "$groups_root/mre-$$" -depth -type d -exec rmdir {} + || true
  fi
  umount --lazy "$groups_root" 2>/dev/null || true
  rm -rf "$top" "$top.pid" "$top.log" "$groups_root"
  exit "$status"
}
trap end_system EXIT
trap 'exit 1' INT TERM HUP

# A group of its own, whose inside looks like the top to systemd.
mount -t cgroup2 cgroup2 "$groups_root" 2>"$top.log" || unavailable "$(cat "$top.log")"
mkdir "$groups_root/mre-$$" 2>"$top.log" || unavailable "$(cat "$top.log")"
bash -euc 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' - "$groups_root/mre-$$" \
  unshare --mount --pid --ipc --uts --net --cgroup --fork --kill-child --propagation private \
  "$root/tests/systemd/boot.sh" --inside "$top" >"$top.log" 2>&1 </dev/null &
wait_for 30 test -s "$top.pid" || unavailable "$(cat "$top.log")"
init=$(<"$top.pid")
within() { nsenter --target "$init" --mount --pid --ipc --uts --net --wdns="$PWD" -- "$@"; }
is_running() { [[ $(within systemctl is-system-running) == running ]]; }
wait_for 60 is_running || unavailable "$(within systemctl is-system-running 2>&1) $(cat "$top.log")"
within "$@"
