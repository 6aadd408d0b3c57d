#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Checks in the program itself how it was compiled and linked.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

headers=$(readelf -hW "$MRE_BINARY")
segments=$(readelf -lW "$MRE_BINARY")
dynamic=$(readelf -dW "$MRE_BINARY")
symbols=$(readelf --dyn-syms -W "$MRE_BINARY")

check_text 'position independent (PIE)' 'Type: +DYN \(Position-Independent Executable' "$headers"
check_text 'PIE by its own account' 'FLAGS_1.*\bPIE\b' "$dynamic"
check_text 'all symbols are bound at its start' 'FLAGS.*BIND_NOW|FLAGS_1.*\bNOW\b' "$dynamic"
check_text 'what was bound is read-only (RELRO)' '^ *GNU_RELRO ' "$segments"
check_text 'the stack is not executable' '^ *GNU_STACK .* RW +0x' "$segments"
check 'segments both writable and executable' '' "$(awk '$1 == "LOAD" && /RWE/' <<<"$segments")"
check 'code segments that hold anything but code' '' \
  "$(awk '/^ +[0-9]+ .*\.text/ && /\.rodata|\.dynsym|\.data/' <<<"$segments")"
check 'library paths of its own' '' "$(grep -E 'RPATH|RUNPATH' <<<"$dynamic" || true)"
check_text 'the stack is guarded' '__stack_chk_fail' "$symbols"
check_text 'sizes are checked (_FORTIFY_SOURCE)' '__(read|memcpy|snprintf|vsnprintf|pread64|poll|realpath)_chk' "$symbols"

# Of the functions of ours, the first that a jump can reach.
code=$(objdump -d --no-show-raw-insn --disassemble=main "$MRE_BINARY" | awk '/^[0-9a-f]+ <main>:/ { getline; print $2 }')
case $(uname -m) in
  x86_64) check 'what an indirect jump may reach is marked (CET)' endbr64 "$code" ;;
  aarch64) check_text 'what an indirect jump may reach is marked (BTI, PAC)' 'bti|paciasp' "$code" ;;
esac
# A frame above a page is touched page by page (-fstack-clash-protection): "or" of 0 into the new page.
[[ $(uname -m) != x86_64 ]] || expect_success 'large stack frames are touched page by page' \
  bash -c "objdump -d --no-show-raw-insn '$MRE_BINARY' | grep -A3 -E 'sub +\\\$0x1000,%rsp' | grep -E 'or[qlb] +\\\$0x0,'"
