#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/faults/run.sh [--short|--full] [ROW...]
#
# Puts the exporter (MRE_BINARY; else the release build) under the faults of RESULTS.md and prints one line for each: what was
# measured, the limit, pass or FAIL. --short, the default, takes a minute. --full takes 20 s a run and three runs, needs root
# for some rows, and writes the table (or that of --table FILE). With --keep DIRECTORY the files of a run that failed stay
# there. Succeeds if no row failed. Everything that is started ends with it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export MRE_BINARY=${MRE_BINARY:-$here/../../build/release/mqtt-reason-exporter}
[[ -x $MRE_BINARY ]] || {
  printf 'There is no exporter at %s\n' "$MRE_BINARY" >&2
  exit 2
}
export PYTHONDONTWRITEBYTECODE=1
PATH=$PATH:/usr/sbin # where Debian has mosquitto and logrotate
python3 "$here/oracle_test.py"
exec python3 "$here/main.py" "$@"
