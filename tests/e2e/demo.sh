#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demonstration of ./run shows what it promises, and ends.
set -euo pipefail
MRE_DEMO_SECONDS=15 exec "$(dirname "${BASH_SOURCE[0]}")/../../config/demo/demo.sh" "$MRE_BINARY"
