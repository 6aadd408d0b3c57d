#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Invalid lines in the log are counted by cause, and no valid line is lost because of them.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

log=$work/rubbish.txt
line='1795322239: Sending CONNACK to 127.0.0.1 (0, 135)'
good=0
good() {
  printf '%s\n' "$line"
  good=$((good + 1))
}
errors() { counter mqtt_reason_source_record_errors_total cause="$1"; }
refused() { codes packet=CONNACK direction=sent protocol=5.0 code=0x87; }
records() { counter mqtt_reason_source_records_total "$@"; }

{
  good
  printf '\xff\xfeS\0e\0n\0d\0i\0n\0g\0\n' # UTF-16
  good
  printf '\xff\xfe Sending\n' # no UTF-8: the letters have one byte
  good
  printf '1: caf\xe9\n'
  good
  printf '1: Client \xff\xfe has exceeded timeout, disconnecting.\n' # known all the same
  good
  printf '\0\0\0\n1: Client a\0b is here\n\n\r\n'
  good
  printf '%s\r\n' "$line" # good too
  good=$((good + 1))
  head -c 10485760 /dev/zero | tr '\0' x
  printf '\n'
  good
  head -c 10485760 /dev/zero | tr '\0' '\377'
  printf ' %s\n' "$line" # the end of what is too long
  good
  printf '\xef\xbb\xbf\n\x1b[2J\x1b[31m\n%s %s\n' "$line" 'and more'
  good
} >"$log"
known_invalid=2
start_exporter --broker.profile=mosquitto --log.path="$log" --log.from=beginning
expect 'good lines among the rubbish' "$good" refused
expect 'lines that are too long' 2 errors oversized
expect 'lines of UTF-16' 1 errors envelope
expect 'lines that are not UTF-8' "$known_invalid" errors invalid_utf8
expect 'a known line with a client id that is not UTF-8' 1 closes reason=keep_alive_timeout
expect 'all lines' "$(wc -l <"$log")" records
check 'malformed ones' $((3 + known_invalid)) "$(records outcome=malformed)"

# Whatever comes.
repeat 5 good >/dev/null
for _ in 1 2 3 4 5; do
  head -c 300000 /dev/urandom
  printf '\n%s\n' "$line"
done >>"$log"
expect 'all lines, after 1.5 MB of random bytes' "$(wc -l <"$log")" records
expect 'good lines among them' "$good" refused
check 'lines that were not understood are those with a cause' $(($(records outcome=malformed) + $(records outcome=unrecognised))) \
  "$(counter mqtt_reason_source_record_errors_total)"

# A line whose end has not been written yet is not a line.
printf '1: Sending CONNACK to 127.0.0.1 (0, 1' >>"$log"
lag() { counter mqtt_reason_log_lag_bytes; }
expect 'bytes of a line without an end' 37 lag
check 'it is not counted' "$good" "$(refused)"
printf '35)\n' >>"$log"
expect 'it is counted when it ends' "$((good + 1))" refused
check 'other errors than those' 0 "$(codes class=error code=0x80)"
kill -0 "$exporter"
stop "$exporter"

# The same through a pipe.
start_through_pipe() {
  # shellcheck disable=SC2016
  start pipe bash -c '(cat "$1"; exec sleep 600) | "$2" --broker.profile=mosquitto --log.path=- --web.listen-address="127.0.0.1:$3"' \
    pipe "$log" "$MRE_BINARY" "$http_port"
}
start_through_pipe
expect 'standard input: all lines' "$(wc -l <"$log")" records
expect 'standard input: good lines' "$((good + 1))" refused
expect 'standard input: up' 1 source_up
