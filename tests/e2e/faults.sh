#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Under rotation, SIGKILL, full disks and hostile files the counters are what the log holds: the short form of tests/faults.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../faults/run.sh" --short
