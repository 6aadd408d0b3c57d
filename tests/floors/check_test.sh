#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shows that check.sh finds each kind of violation, and nothing in a good tree.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

# expect WHY WANT FILE LINE: with LINE in exporter/FILE, check.sh must print WANT (nothing, if WANT is empty).
expect() {
  local why=$1 want=$2 file=$3 line=$4 got
  rm -rf "$tree/exporter"
  mkdir -p "$tree"/exporter/{low,middle,left,right}
  printf '%s\n' 'mre_room(low)' 'mre_room(middle DEPS low)' 'mre_room(left DEPS middle LIBS some::right)' \
    'mre_room(right DEPS middle)' >"$tree/exporter/CMakeLists.txt"
  printf '%s\n' "$line" >"$tree/exporter/$file"
  if got=$("$here/check.sh" "$tree"); then got=; fi
  if [[ -z $want && -n $got ]] || [[ $got != *"$want"* ]]; then
    printf 'FAILED: %s\n  expected: %s\n  got: %s\n' "$why" "$want" "$got"
    failures=$((failures + 1))
  fi
}

expect 'its own room' '' left/a.cc '#include "exporter/left/b.h"'
expect 'a room that DEPS names' '' middle/a.cc '#include "exporter/low/b.h"'
expect 'a room that this one uses' '' left/a.cc '#include "exporter/low/b.h"'
expect 'the top includes all' '' main.cc '#include "exporter/right/b.h"'
expect 'the standard library' '' left/a.h '#include <string_view>'
expect 'the system' '' left/a.cc '#include <sys/socket.h>'
expect 'a room that DEPS does not name' 'left/a.cc:1: left may not include right' left/a.cc '#include "exporter/right/b.h"'
expect 'a blank before include' 'low/a.h:1: low may not include middle' low/a.h '  # include "exporter/middle/b.h"'
expect 'the top from below' 'includes the top' left/a.cc '#include "exporter/app.h"'
expect 'not from the root' 'is not written from the root' left/a.cc '#include "b.h"'
expect 'a library in a header' 'may be included only by' left/a.h '#include <httplib.h>'
expect 'a library in another file' 'may be included only by' left/a.cc '#include <httplib.h>'
expect 'an unknown library' 'is in no row' left/a.cc '#include <boost/asio.hpp>'

printf '%d failures\n' "$failures"
exit "$((failures > 0))"
