# SPDX-License-Identifier: Apache-2.0
# What ./run, ./test and the scripts of tests/ share. Sourced by bash, with `set -euo pipefail` on.
# shellcheck shell=bash

# shellcheck disable=SC2034
BUILD_PACKAGES=(cmake g++ libasio-dev libcpp-httplib-dev libcrypt-dev libexpected-dev libfmt-dev libpaho-mqtt-dev libpaho-mqttpp-dev
  libpcap-dev libseccomp-dev libsimdjson-dev libspdlog-dev libssl-dev libyaml-cpp-dev ninja-build pkg-config prometheus-cpp-dev zlib1g-dev)
# shellcheck disable=SC2034
BROKER_PACKAGES=(curl mosquitto mosquitto-clients)
# shellcheck disable=SC2034
ALERT_PACKAGES=(prometheus prometheus-alertmanager)

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# The text that dpkg has for a package that is there.
is_installed() { [[ $(dpkg-query -W -f='${Status}' "$1" 2>/dev/null) == 'install ok installed' ]]; }

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "This needs root: $*. Run it as root, or install sudo."
  fi
}

# install_packages PACKAGE...: installs those that are missing, and starts no service by it.
install_packages() {
  local package missing=()
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [[ ${#missing[@]} -gt 0 ]] || return 0
  command -v apt-get >/dev/null || die "Missing: ${missing[*]}. Only Debian's apt-get is supported."
  say "Installing Debian packages: ${missing[*]}"
  local log
  log=$(mktemp)
  if ! as_root bash -euc "$INSTALL_AS_ROOT" install "${missing[@]}" >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    die "Could not install: ${missing[*]}"
  fi
  rm -f "$log"
}

# Runs as root with the packages as arguments. Debian starts a service when its package is installed; where the machine
# has no policy of its own, one that refuses the brokers' and Prometheus' services applies while apt-get runs. A service
# that was not installed before does not start at the next boot either.
# shellcheck disable=SC2016
INSTALL_AS_ROOT='
  export DEBIAN_FRONTEND=noninteractive
  policy=/usr/sbin/policy-rc.d
  fresh=()
  for package in "$@"; do
    case $package in mosquitto | prometheus | prometheus-alertmanager) fresh+=("$package") ;; esac
  done
  if [ "${#fresh[@]}" -gt 0 ] && [ ! -e "$policy" ]; then
    trap "rm -f $policy" EXIT
    printf "#!/bin/sh\ncase \$1 in mosquitto* | prometheus*) exit 101 ;; esac\n" >"$policy"
    chmod 755 "$policy"
  fi
  tries=0
  until apt-get -q update; do
    tries=$((tries + 1))
    [ "$tries" -lt 30 ] || exit 1
    sleep 5
  done
  apt-get -q -o DPkg::Lock::Timeout=600 install -y --no-install-recommends "$@"
  if command -v systemctl >/dev/null; then
    for package in "${fresh[@]}"; do systemctl disable --quiet "$package" || true; done
  fi
'

# free_port [WANTED]: prints a loopback TCP port on which nobody listens now; WANTED, if that is free. Scripts that run at the
# same time must have different MRE_SLOTs, from 0 to 9: each has its own thousand ports, below those that the kernel gives away.
free_port() {
  local port=${1:-}
  while [[ -z $port ]] || (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    port=$((20000 + 1000 * ${MRE_SLOT:-9} + RANDOM % 990))
  done
  printf '%s\n' "$port"
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails after SECONDS.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $deadline ]] || return 1
    sleep 0.1
  done
}

# end_group PID: ends the process group that PID leads (started by setsid), stopped members too, and waits for it.
end_group() {
  local deadline=$((SECONDS + 5))
  kill -TERM -- "-$1" 2>/dev/null || return 0
  kill -CONT -- "-$1" 2>/dev/null || true
  while kill -0 -- "-$1" 2>/dev/null; do
    [[ $SECONDS -lt $deadline ]] || kill -KILL -- "-$1" 2>/dev/null || true
    sleep 0.05
  done
}

# Passed to cmake for a fast build: with a compiler cache, or without one several files at a time.
fast_build_options() {
  if command -v ccache >/dev/null; then printf '%s\n' -DCMAKE_CXX_COMPILER_LAUNCHER=ccache; else printf '%s\n' -DMRE_UNITY=ON; fi
}
