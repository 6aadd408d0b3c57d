#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The life of the Debian package on a system: it is installed, serves, is upgraded from a lower version, disabled, removed
# and purged. Its service is started by hand as the unit says (tests/systemd has a systemd for that); the broker is Debian's Mosquitto.
#
#   life.sh ROOT PACKAGE     ROOT is the root directory of a Debian, or / for this one
#
# Needs root. Nothing of it is changed: everything happens in an overlay in memory, in namespaces of its own. Packages that
# the package depends on are installed into the overlay by apt-get; in / they must be there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lib.sh
source "$here/../lib.sh"
if [[ ${1:-} != --inside ]]; then
  exec unshare --mount --propagation private --pid --fork --kill-child "$0" --inside "$@"
fi
lower=$(realpath "$2")
package=$(realpath "$3")
name=mqtt-reason-exporter
unit=/usr/lib/systemd/system/$name.service
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive

ok() { printf 'ok     %s\n' "$*"; }
# check WHAT WANT GOT
check() {
  [[ $3 == "$2" ]] || die "FAILED $1: expected \"$2\", got \"$3\""
  ok "$1"
}

# ---- The system

top=$(mktemp -d)
net=mre-package-$$
clean_up() {
  if [[ -e /run/netns/$net ]]; then ip netns delete "$net"; fi
  umount --lazy "$top"
  rmdir "$top"
}
trap clean_up EXIT
mount -t tmpfs -o mode=755 tmpfs "$top"
mkdir -m 755 "$top"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$top/upper,workdir=$top/work" "$top/root"
root=$top/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
cp --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }

# The same package with a lower version.
dpkg-deb -R "$package" "$top/older"
sed -i 's/^Version: .*/Version: 0.0.1/' "$top/older/DEBIAN/control"
dpkg-deb --root-owner-group -b "$top/older" "$root/older.deb" >/dev/null
rm -rf "$top/older"
cp "$package" "$root/newer.deb"

if [[ $lower == / ]]; then
  if dpkg-query -W "$name" >/dev/null 2>&1; then inside dpkg --purge "$name" >/dev/null; fi
  inside dpkg -i /older.deb >"$top/install.log" 2>&1 || { cat "$top/install.log" && die 'The package does not install.'; }
else
  { inside apt-get -q update && inside apt-get -q install -y --no-install-recommends mosquitto mosquitto-clients curl iproute2 &&
    inside apt-get -q install -y --no-install-recommends /older.deb; } >"$top/install.log" 2>&1 ||
    { tail -n 40 "$top/install.log" && die 'The package does not install.'; }
fi
ok "it installs on $(sed -n 's/^PRETTY_NAME=//p' "$root/usr/lib/os-release")"

# ---- What is there

# shellcheck disable=SC2016
installed_version() { inside dpkg-query -W -f '${Version}' "$name"; }
check 'the lower version' 0.0.1 "$(installed_version)"
check 'its user has no shell' "/usr/sbin/nologin" "$(inside getent passwd "$name" | cut -d: -f7)"
check 'its user is in no other group' "$name" "$(inside id -nG "$name")"
wants=$root/etc/systemd/system/multi-user.target.wants/$name.service
[[ -L $wants ]] || die 'The service is not enabled.'
ok 'the service is enabled'
check 'systemd has nothing to say of the unit' '' "$(inside systemd-analyze verify --man=no --recursive-errors=no "$unit" 2>&1)"
inside mqtt-reason-exporter check config /etc/$name/exporter.yaml >/dev/null || die 'Its configuration is invalid.'
inside mqtt-reason-exporter check config /usr/share/doc/$name/examples/exporter.yaml >/dev/null || die 'The example is invalid.'
inside mqtt-reason-exporter check profile /usr/share/$name/profiles/mosquitto.yaml >/dev/null || die 'A profile is invalid.'
ok 'its configuration, example and profiles are valid'

# ---- It serves. The unit is what is started.

ip netns add "$net"
nsenter --net="/run/netns/$net" ip link set lo up
on_system() { nsenter --net="/run/netns/$net" chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }

cat >"$root/etc/mosquitto/conf.d/reasons.conf" <<'CONF'
listener 1883 127.0.0.1
allow_anonymous true
acl_file /etc/mosquitto/acl
log_type error
log_type warning
log_type notice
log_type information
log_type debug
CONF
printf 'topic readwrite open/#\n' >"$root/etc/mosquitto/acl"
inside install -d -m 750 -o mosquitto -g mosquitto /run/mosquitto /var/log/mosquitto
setsid nsenter --net="/run/netns/$net" chroot "$root" mosquitto -c /etc/mosquitto/mosquitto.conf >"$top/mosquitto.log" 2>&1 </dev/null &
# The ACL grants open/ alone; everything else is refused with 0x87.
publish() { on_system mosquitto_pub -h 127.0.0.1 -V mqttv5 -q 1 -i sensor -t "$1" -m 1 2>>"$top/clients.log"; }
wait_for 10 publish open/a || { cat "$top/mosquitto.log" && die 'Mosquitto does not start.'; }

value_of() { sed -n "s/^$1=//p" "$root$unit" | tail -n 1; }

# start_service [USER]: the unit's command as the unit's user, or as that of a drop-in, as systemd starts it.
start_service() {
  local user=${1:-} state command words
  user=${user:-$(value_of User)}
  state=/var/lib/$(value_of StateDirectory)
  command=$(value_of ExecStart)
  mapfile -t words < <(
    ARGS=
    # shellcheck disable=SC1090
    source "$root$(value_of EnvironmentFile | sed 's/^-//')"
    # shellcheck disable=SC2086
    printf '%s\n' ${command/\$ARGS/$ARGS}
  )
  inside install -d -m 700 "$state"
  inside chown -R "$user:" "$state"
  setsid nsenter --net="/run/netns/$net" chroot "$root" /usr/bin/env -i STATE_DIRECTORY="$state" \
    setpriv --reuid "$user" --regid "$user" --init-groups --no-new-privs --bounding-set=-all,+net_raw --inh-caps=-all \
    "${words[@]}" >>"$top/service.log" 2>&1 </dev/null &
  service=$!
  wait_for 10 metrics || { cat "$top/service.log" && die 'The service does not start.'; }
}
stop_service() {
  kill -TERM "$service"
  wait "$service" || die "The service ended with $?: $(tail -n 20 "$top/service.log")"
}
metrics() { on_system curl -fsS --max-time 5 http://127.0.0.1:10883/metrics; }
# expect WHAT WANT SERIES: the value of the only series that matches, now or soon.
expect() {
  local deadline=$((SECONDS + 15)) got
  until got=$(metrics | grep -E "$3" | sed 's/.* //') && [[ $got == "$2" ]]; do
    [[ $SECONDS -lt $deadline ]] || die "FAILED $1: expected \"$2\", got \"$got\": $(tail -n 20 "$top/service.log")"
    sleep 0.1
  done
  ok "$1"
}
up='^mqtt_reason_source_up\{'
denied='^mqtt_reason_codes_total\{.*packet="PUBACK",direction="sent",protocol="5.0",code="0x87"'

start_service
expect "as its own user it may not read Mosquitto's log of mode $(stat -c %a "$root/var/log/mosquitto/mosquitto.log")" 0 "$up"
stop_service
ok 'it ends well on SIGTERM'
start_service mosquitto
expect "as the user mosquitto it reads the log, as README.Debian says" 1 "$up"
publish lock/a
publish lock/b
expect 'its codes are counted' 2 "$denied"
stop_service
setsid nsenter --net="/run/netns/$net" chroot "$root" /usr/bin/mqtt-reason-exporter --state.dir=none --capture.interface=lo \
  >>"$top/service.log" 2>&1 </dev/null &
service=$!
wait_for 10 metrics || { cat "$top/service.log" && die 'The exporter does not start as root.'; }
expect 'packets are captured, so libpcap is there' 1 "$up"
stop_service

# ---- Upgrade: what the operator has changed stays, and the counters continue.

printf '# mine\n' >>"$root/etc/$name/exporter.yaml"
printf 'ARGS="--log.level=warn"\n' >"$root/etc/default/$name"
inside systemctl disable "$name" >/dev/null 2>&1
before=$(cd "$root/var/lib/$name" && find . -type f -exec sha256sum {} + | sort)
[[ -n $before ]] || die 'No checkpoint was written.'
inside dpkg -i /newer.deb >"$top/upgrade.log" 2>&1 || { cat "$top/upgrade.log" && die 'The upgrade fails.'; }
check 'the higher version' "$(dpkg-deb -f "$package" Version)" "$(installed_version)"
check 'the checkpoint is untouched' "$before" "$(cd "$root/var/lib/$name" && find . -type f -exec sha256sum {} + | sort)"
check 'the configuration is untouched' '# mine' "$(tail -n 1 "$root/etc/$name/exporter.yaml")"
[[ ! -e $wants ]] || die 'The upgrade has enabled a service that was disabled.'
ok 'a service that was disabled stays so'
publish lock/c  # while it is away
: >"$top/service.log"
start_service mosquitto
expect 'the counters continue, with what was logged meanwhile' 3 "$denied"
check 'the flags of /etc/default are used' '' "$(grep level=info "$top/service.log" || true)"
stop_service

# ---- Remove, then purge

inside dpkg --remove "$name" >/dev/null 2>&1
[[ ! -e $root/usr/bin/$name && ! -e $root$unit ]] || die 'The program is still there.'
[[ -e $root/etc/$name/exporter.yaml && -n $(ls "$root/var/lib/$name") ]] || die 'Removing took the configuration or the state.'
ok 'removed: configuration and state stay'
inside dpkg --purge "$name" >"$top/purge.log" 2>&1
left=$(cd "$top/upper" && find . -name "*$name*" -not -type c)
check 'purged: nothing is left' '' "$left"
check 'purged: but for the user' "$name" "$(inside getent passwd "$name" | cut -d: -f1)"
