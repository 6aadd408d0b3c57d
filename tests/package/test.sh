#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian package of the system that this runs on: lintian finds no error, the manual page and the completions are well
# made, and the package is installed, upgraded and purged in a minimal Debian.
#
#   test.sh BUILD     the build directory, with target package_files built
#
# Needs root. Without debootstrap or a mirror the package is installed in an overlay of this system instead, which does
# not show that its dependencies are complete. debians.sh does the same for each supported Debian, with a build of its own.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/lib.sh
source "$here/../lib.sh"
build=$(realpath "$1")
out=$build/package/made
step() { printf '%4d s  %s\n' "$SECONDS" "$*"; }

step 'the package'
rm -rf "$out"
(cd "$build" && cpack -G DEB -B "$out") >"$build/package/cpack.log" 2>&1 || { cat "$build/package/cpack.log" && die 'cpack fails.'; }
package=$(echo "$out"/*.deb)
step 'lintian'
lintian --allow-root --fail-on error,warning "$package"
step 'the manual page'
warnings=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$build/manual/mqtt-reason-exporter.1" 2>&1 >/dev/null)
[[ -z $warnings ]] || die "man has warnings: $warnings"
step 'the completions'
"$here/completions.sh" "$build/manual"

step 'its life'
# shellcheck disable=SC1091
suite=$(source /etc/os-release && echo "$VERSION_CODENAME")
if command -v debootstrap >/dev/null && tree=$("$here/tree.sh" "$suite"); then
  step "in $tree"
else
  printf 'No debootstrap, or no mirror: the package is installed in an overlay of this system.\n'
  tree=/
fi
"$here/life.sh" "$tree" "$package"
step 'good'
