#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The unit of config/systemd under a real systemd, which is booted for it in namespaces (boot.sh).
#
#   test.sh [SCRIPT...]     MRE_BINARY is the exporter
#
# First the unit as it is, installed as its first lines say, beside Debian's mosquitto.service: it starts, counts, reloads, comes
# back after a crash with its counters, and is closed as it claims. Then scripts of tests/e2e, in which the unit starts the
# exporter: those named, or one each for log, events and packets; `all` is every script in which a
# service can be the exporter: it has no standard input, and is not root.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
FEW=(exact_counts capture_joined)
ALL=(broker_away capture_drops capture_hostile capture_joined capture_live capture_loss capture_tls exact_counts
  log_level log_rotation reload signals strangers web_config)
if [[ ${1:-} != --inside ]]; then
  scripts=("$@")
  [[ ${#scripts[@]} -gt 0 ]] || scripts=("${FEW[@]}")
  [[ ${scripts[*]} != all ]] || scripts=("${ALL[@]}")
  exec "$here/boot.sh" "$here/test.sh" --inside "${scripts[@]}"
fi
shift
scripts=("$@")
# shellcheck source=tests/e2e/lib.sh
source "$here/../e2e/lib.sh"
name=mqtt-reason-exporter
unit=$here/../../config/systemd/$name.service
mqtt_port=1883
url=http://127.0.0.1:10883

# ---- The unit as it is

install -m 755 "$MRE_BINARY" /usr/local/bin/$name
install -m 644 "$unit" /etc/systemd/system/
# What its first lines put into the configuration.
install -D -m 644 <(sed -n '/<<YAML/,/YAML$/p' "$unit" | sed '1d; $d; s/^#   //') /etc/$name/exporter.yaml
check_text 'the configuration is the one of its first lines' 'mosquitto\.log' "$(cat /etc/$name/exporter.yaml)"
printf '%s\n' 'listener 1883 127.0.0.1' 'allow_anonymous false' 'password_file /etc/mosquitto/passwords' 'acl_file /etc/mosquitto/acl' \
  'log_type all' >/etc/mosquitto/conf.d/test.conf
printf 'client:%s\n' "$PASSWORD" >/etc/mosquitto/passwords
mosquitto_passwd -U /etc/mosquitto/passwords
printf '%s\n' 'user client' 'topic readwrite open/#' >/etc/mosquitto/acl
chown mosquitto /etc/mosquitto/{passwords,acl}

property() { systemctl show --value --property="$1" $name; }
log() { journalctl --quiet --no-pager --output=cat --unit=$name; }
said() { log | grep -Eq -- "$1"; }
refused() { codes packet=CONNACK direction=sent code=0x87; }
refuse_client() { publish_refused gate mqttv5 open/x 1 wrong; }
# status_of NAME: a line of /proc/PID/status
status_of() { awk -v name="$1:" '$1 == name { $1 = ""; sub(/^ */, ""); print }' "/proc/$(property MainPID)/status"; }
end_test() {
  local status=$?
  log >"$work/journal.out" || true
  clean_up "$status"
}
trap end_test EXIT

systemctl daemon-reload
systemctl start mosquitto
systemctl enable --quiet --now $name
check 'it is started' active "$(property ActiveState)"
check 'its configuration was checked first' 0 "$(property ExecStartPre | grep -o 'status=[0-9]*' | cut -d= -f2)"
expect 'it reads the log of Debians mosquitto.service, which is its owners alone' 1 source_up
check 'that log' 'mosquitto 600' "$(stat -c '%U %a' /var/log/mosquitto/mosquitto.log)"
repeat 3 refuse_client
expect 'CONNACK 0x87' 3 refused
check 'its user' "$(id -u mosquitto)" "$(status_of Uid | cut -d' ' -f1)"
check 'its capabilities' 0000000000000000 "$(status_of CapEff)"
check 'what it may gain' "0000000000002000 1" "$(status_of CapBnd) $(status_of NoNewPrivs)"
check 'its system calls are filtered' 2 "$(status_of Seccomp)"
check 'no warning in the journal' '' "$(log | grep -E 'level=(warn|error)' || true)"
check 'its state' "mosquitto 700" "$(stat -c '%U %a' /var/lib/$name)"
# What the mounts of its sandbox are, seen by a process in them.
in_its_mounts() { nsenter --target "$(property MainPID)" --mount -- "$@"; }
for path in /etc /var/log/mosquitto /usr; do
  if in_its_mounts touch $path/written 2>>"$work/touch.out"; then failed "$path" 'read-only' 'written'; fi
done
check 'only its state is writable' '' "$(in_its_mounts touch /var/lib/$name/written 2>&1 && in_its_mounts rm /var/lib/$name/written)"
check 'homes are hidden' '' "$(in_its_mounts ls -A /root)"

printf '%s\n' '  - {name: annex, sources: [{name: log, log: {path: /var/log/mosquitto/annex.log}}]}' >>/etc/$name/exporter.yaml
systemctl reload $name
expect 'a reload has the configuration read again' 0 source_up broker=annex
expect 'the counters are as before' 3 refused

before=$(property MainPID)
kill -KILL "$before"
is_started_again() { [[ $(property MainPID) != 0 && $(property MainPID) != "$before" ]]; }
expect_success 'after a crash it is started again' is_started_again
refuse_client
expect 'and counts on from its checkpoint' 4 refused
systemctl restart $name
expect 'a restart too' 4 refused

printf 'nonsense: true\n' >/etc/$name/exporter.yaml
if systemctl restart $name 2>>"$work/restart.out"; then failed 'a wrong configuration' 'no start' 'a start'; fi
expect_success 'a wrong configuration: the journal says where' said '/etc/mqtt-reason-exporter/exporter.yaml:1:1: '
systemctl stop $name
systemctl reset-failed $name

# ---- With a password and packets, as the comments of the unit say

sed -i 's/^#LoadCredential/LoadCredential/; s/^#AmbientCapabilities/AmbientCapabilities/' /etc/systemd/system/$name.service
printf '%s' "$PASSWORD" >/etc/$name/password
chmod 600 /etc/$name/password
# shellcheck disable=SC2016
printf 'topic read $SYS/broker/log/#\n' >>/etc/mosquitto/acl
printf 'log_dest topic\n' >>/etc/mosquitto/conf.d/test.conf
cat >/etc/$name/exporter.yaml <<YAML
brokers:
  - name: main
    profile: mosquitto
    sources:
      - {name: log, log: {path: /var/log/mosquitto/mosquitto.log}}
      - {name: wire, capture: {interface: lo}}
      - {name: events, mqtt: {url: "mqtt://127.0.0.1", username: client, password_file: /run/credentials/$name.service/mqtt-password}}
YAML
systemctl daemon-reload
systemctl restart mosquitto
systemctl start $name
expect 'log, packets and events' 3 source_up
check 'its capability' 0000000000002000 "$(status_of CapPrm)"
refuse_client
expect 'packets' 1 codes source=wire packet=CONNACK code=0x87
expect 'events' 1 shadow_codes source=events packet=CONNACK code=0x87
systemctl stop $name
check 'it ends well' 'success 0' "$(property Result) $(property ExecMainStatus)"
systemctl stop mosquitto
rm -rf /var/lib/$name/*

# ---- The scripts, as the user of the unit. It may do what root may, so that a script can make networks; its files are then the
# ones that the exporter may read.

install -d -m 755 -o mosquitto -g mosquitto /srv/test
mkdir -p /run/netns
able=chown,dac_override,dac_read_search,fowner,kill,net_admin,net_bind_service,net_raw,setgid,setuid,setpcap,sys_admin,sys_chroot,sys_ptrace
able=+${able//,/,+}
bad=()
for script in "${scripts[@]}"; do
  printf '== %s\n' "$script"
  TMPDIR=/srv/test MRE_BINARY=$here/as_unit.py MRE_PROCESSES=/sys/fs/cgroup/system.slice/$name.service/cgroup.procs \
    timeout --kill-after=30 300 setpriv --reuid=mosquitto --regid=mosquitto --init-groups --inh-caps="$able" --ambient-caps="$able" \
    "$here/../e2e/$script.sh" || bad+=("$script")
done
check 'scripts that fail under the unit' '' "${bad[*]}"
