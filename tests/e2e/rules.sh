#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The rules and alerts are valid and fire when they should.
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../rules/check.sh" "$MRE_BINARY"
