#!/usr/bin/env bash
# tests/faults/soak.sh [MINUTES]: mixed load for so long (60), and the slope of resident memory. Writes its row of RESULTS.md.
set -euo pipefail
export MRE_SOAK_MINUTES=${1:-60}
exec "$(dirname "${BASH_SOURCE[0]}")/run.sh" --full soak
