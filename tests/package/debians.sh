#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the Debian package on each supported Debian and tests it there: debians.sh [SUITE...], default bookworm trixie.
#
# Needs root, debootstrap, unshare and a mirror. The trees stay in build/package for the next run, the packages too.
# Takes some minutes for each Debian; ./test has the one that it runs on.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=tests/lib.sh
source "$here/../lib.sh"
if [[ ${1:-} != --inside ]]; then
  exec unshare --mount --propagation private "$0" --inside "$@"
fi
shift
suites=("$@")
[[ ${#suites[@]} -gt 0 ]] || suites=(bookworm trixie)

# install_builder TREE BUILDER: the minimal Debian with what the build and its tests need now.
install_builder() {
  if [[ ! -d $2 ]]; then
    rm -rf "$2.part"
    cp -a "$1" "$2.part"
    printf '#!/bin/sh\nexit 101\n' >"$2.part/usr/sbin/policy-rc.d"
    chmod 755 "$2.part/usr/sbin/policy-rc.d"
    mv "$2.part" "$2"
  fi
  cp --remove-destination /etc/resolv.conf "$2/etc/resolv.conf"
  # shellcheck disable=SC2016
  chroot "$2" /bin/sh -euc 'apt-get -q update
    DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"
    rm -rf /var/cache/apt/archives/*.deb' sh \
    "${BUILD_PACKAGES[@]}" ccache debootstrap dpkg-dev file git iproute2 lintian man-db zsh
}

for suite in "${suites[@]}"; do
  say "== $suite"
  tree=$("$here/tree.sh" "$suite")
  builder=$tree.builder
  install_builder "$tree" "$builder" >"$tree.builder.log" 2>&1 ||
    { tail -n 20 "$tree.builder.log" && die "Cannot install the build's packages."; }
  mkdir -p "$builder/src" "$builder/build"
  mount --bind "$builder" "$builder"  # so that / is a mount point there, as namespaces need it
  mount --bind "$root" "$builder/src"
  mount -t proc proc "$builder/proc"
  mount --rbind /dev "$builder/dev"
  chroot "$builder" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 CCACHE_DIR=/build/ccache sh -euc '
    git config --global --replace-all safe.directory "*"
    cmake -S /src -B /build/release -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DMRE_TESTS=OFF -DMRE_UNITY=ON -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
    nice cmake --build /build/release --target package_files' >"$tree.build.log" 2>&1 ||
    { tail -n 30 "$tree.build.log" && die 'The build fails.'; }
  chroot "$builder" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
    /src/tests/package/test.sh /build/release
  umount --recursive "$builder"
  cp "$builder"/build/release/package/made/*.deb "$root/build/package/"
done
