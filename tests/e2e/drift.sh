#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# tests/drift/check.py finds the lines that a broker's sources write, and reports those that no rule reads.
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
drift=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../drift")
export MRE_BINARY PYTHONDONTWRITEBYTECODE=1

python3 "$drift/check_test.py"

mkdir -p "$work/broker/src"
printf '%s\n' 'log__printf(NULL, MOSQ_LOG_DEBUG, "Sending CONNACK to %s (%d, %d)", id, ack, code);' \
  'log__printf(NULL, MOSQ_LOG_NOTICE, "Client %s was refused by a new text.", id);' >"$work/broker/src/loop.c"
status=0
"$drift/check.py" mosquitto "$work/broker" >"$work/drift.out" || status=$?
[[ $status -eq 1 ]] || die "check.py ended with $status, not 1"
grep -F 'no rule knows it' "$work/drift.out" | grep -F 'Client %s was refused by a new text.' || grep -Fx '     to: Client %s was refused by a new text.' "$work/drift.out"
grep -E '^vanished \(rule [a-z-]+\): ' "$work/drift.out" >/dev/null
grep -E '^2 templates, 1 without a rule, ' "$work/drift.out"
! grep -F 'Sending CONNACK' "$work/drift.out" || die 'A template of the list is called a difference.'
