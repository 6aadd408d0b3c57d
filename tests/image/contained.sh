#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# contained.sh ROOT CAPABILITIES COMMAND...: runs the command as a container engine would with
#
#   --read-only --tmpfs /tmp --cap-drop ALL [--cap-add …] --security-opt no-new-privileges --network host
#
# in this root directory, with the directory above STATE_DIRECTORY mounted for reading, and STATE_DIRECTORY and that of an
# argument --state.dir=DIRECTORY for writing.
# CAPABILITIES is what setpriv takes for a bounding set: -all, or -all,+net_raw. Needs root; runs as it, without its powers.
set -euo pipefail
mkdir -p "$STATE_DIRECTORY"
# shellcheck disable=SC2016
exec unshare --mount --propagation private bash -euc '
  root=$1 capabilities=$2
  shift 2
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -t tmpfs tmpfs "$root/tmp"
  work=${STATE_DIRECTORY%/*}
  mkdir -p "$root$work"
  mount --bind "$work" "$root$work"
  mount -o remount,bind,ro "$root$work"
  mount --bind "$STATE_DIRECTORY" "$root$STATE_DIRECTORY"
  for argument in "$@"; do
    if [[ $argument == --state.dir=/* ]]; then
      mkdir -p "${argument#*=}"
      mount --bind "${argument#*=}" "$root${argument#*=}"
    fi
  done
  mount -o remount,bind,ro "$root"
  exec chroot "$root" setpriv --bounding-set="$capabilities" --inh-caps=-all --no-new-privs -- "$@"' contained "$@"
