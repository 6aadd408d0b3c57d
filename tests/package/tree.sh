#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tree.sh SUITE: prints the path of a minimal Debian of this suite; made by debootstrap the first time, in build/package.
# Needs root, and a mirror that time.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tree=$root/build/package/$1
if [[ ! -d $tree ]]; then
  mkdir -p "${tree%/*}"
  rm -rf "$tree.part"
  debootstrap --variant=minbase "$1" "$tree.part" http://deb.debian.org/debian >"$tree.log" 2>&1
  rm -rf "$tree.part"/var/cache/apt/archives/*.deb
  chmod 755 "$tree.part"  # users of it must reach what is inside
  mv "$tree.part" "$tree"
fi
printf '%s\n' "$tree"
