#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The short form of tests/faults: after rotations, SIGKILL, full disks and hostile files the counters equal the contents of the
# log.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../faults/run.sh" --short
