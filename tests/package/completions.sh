#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The completions that the build makes, in real shells: each row is what a user has typed before TAB, and what is offered.
#
#   completions.sh DIRECTORY     with mqtt-reason-exporter.bash and _mqtt-reason-exporter; zsh is tried where it is installed
set -euo pipefail
directory=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
touch incident.pcap

# why | typed | must be offered | must not be offered
rows() {
  cat <<'ROWS'
a command is first|mqtt-reason-exporter re|replay|lookup
flags of the default command|mqtt-reason-exporter --config|--config.file|--explain
flags of a command, after it|mqtt-reason-exporter replay --ex|--explain|--web.listen-address
a flag that a command does not know|mqtt-reason-exporter replay --|--compare|--config.file
the values of an enumeration|mqtt-reason-exporter --log.level=|debug|logfmt
the values, after a blank|mqtt-reason-exporter --log.level |warn|logfmt
a value that has begun|mqtt-reason-exporter --log.from=beg|beginning|checkpoint
the built-in profiles|mqtt-reason-exporter --broker.profile=mosq|mosquitto|emqx
a file for a flag|mqtt-reason-exporter --config.file=inc|incident.pcap|serve
a file for a command|mqtt-reason-exporter replay inc|incident.pcap|serve
what may be checked|mqtt-reason-exporter check con|config|profile
what may be listed|mqtt-reason-exporter list |codes|replay
the profile that may be listed|mqtt-reason-exporter list brokers nano|nanomq|emqx
ROWS
}

# What bash offers for the words typed, which it splits at "=" too.
offered_by_bash() {
  bash --norc -c '
    source "$1"
    read -ra COMP_WORDS <<<"${2//=/ = }"
    [[ $2 != *[\ =] ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    if [[ $2 == *= ]]; then unset "COMP_WORDS[COMP_CWORD]" && COMP_CWORD=$((COMP_CWORD - 1)); fi
    compopt() { :; }
    _mqtt_reason_exporter
    printf "%s\n" "${COMPREPLY[@]}"' bash "$directory/mqtt-reason-exporter.bash" "$1"
}

# What a zsh on a terminal shows after TAB.
offered_by_zsh() {
  mkdir -p functions
  cp "$directory/_mqtt-reason-exporter" functions/
  zsh -f -c '
    zmodload zsh/zpty
    # Reads what the shell shows until this text.
    until_shown() {
      local piece deadline=$((SECONDS + 10))
      shown=
      while [[ $shown != *$1* ]]; do
        zpty -r -t shell piece && shown+=$piece || sleep 0.01
        (( SECONDS < deadline )) || { print -r -- "no $1 in: $shown"; exit 1 }
      done
    }
    zpty shell zsh -f -i
    zpty -w shell "fpath=(\$PWD/functions \$fpath); autoload -Uz compinit; compinit -u -D; mqtt-reason-exporter() { }"
    zpty -w shell "setopt no_list_ambiguous no_beep; LISTMAX=999; PS1=\$'"'RE\\\\ADY'"'"
    until_shown READY
    # The mark is typed where the completion has left the cursor.
    zpty -n -w shell "$1"$'"'\t'"'"@DONE@"
    until_shown @DONE@
    print -r -- "$shown"
    zpty -d shell' zsh "$1" | sed 's/\x1b\[[0-9;?]*[A-Za-z]//g'
}

failed=0
for shell in bash zsh; do
  if ! command -v "$shell" >/dev/null; then
    printf 'skipped: there is no %s\n' "$shell"
    continue
  fi
  while IFS='|' read -r why typed wanted unwanted; do
    if [[ $shell == bash ]]; then offered=$(offered_by_bash "$typed"); else offered=$(offered_by_zsh "$typed"); fi
    if grep -qF -- "$wanted" <<<"$offered" && ! grep -qE -- "(^|[^[:alnum:]-])$unwanted" <<<"$offered"; then
      printf 'ok     %s: %s\n' "$shell" "$why"
    else
      printf 'FAILED %s: %s: for "%s" expected "%s" and not "%s", got:\n%s\n' "$shell" "$why" "$typed" "$wanted" "$unwanted" "$offered"
      failed=1
    fi
  done < <(rows)
done
exit "$failed"
