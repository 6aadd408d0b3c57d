#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/faults/soak.sh [MINUTES [OPTION...]]: mixed load for so long (60), and the slope of resident memory. Writes its row of
# RESULTS.md. If it fails, its files stay in build/soak: the logs that are left, the exporter's log at debug level, its last
# exposition, its memory over time, and where the lost lines were. Options of run.sh: with --table FILE and --keep DIRECTORY
# several can run beside each other.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export MRE_SOAK_MINUTES=${1:-60}
exec "$here/run.sh" --full --keep "$here/../../build/soak" "${@:2}" soak
