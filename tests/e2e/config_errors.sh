#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# An invalid configuration stops the start with the position and the remedy. Files that may appear later do not.
set -euo pipefail
# shellcheck source=tests/e2e/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# refuses WHAT REGEX ARGUMENT...: the exporter ends with exit code 2, nothing on standard output and one message that matches.
refuses() {
  local status=0 output
  output=$(timeout 20 "$MRE_BINARY" "${@:3}" 2>&1 >"$work/stdout" </dev/null) || status=$?
  [[ $status -eq 2 ]] || failed "$1" 'exit code 2' "exit code $status, $output"
  [[ ! -s $work/stdout ]] || failed "$1" 'nothing on standard output' "$(cat "$work/stdout")"
  check_text "$1" "^mqtt-reason-exporter: $2" "$output"
}

# refuses_file WHAT REGEX: $work/tried.yaml from standard input, by serve and by check config.
refuses_file() {
  cat >"$work/tried.yaml"
  refuses "$1" "$work/tried.yaml:$2" serve --config.file="$work/tried.yaml" --web.listen-address="127.0.0.1:$http_port"
  refuses "$1 (check config)" "$work/tried.yaml:$2" check config "$work/tried.yaml"
}

# One broker with one log source; the arguments are the value of `profile`, and further lines before it.
config() { printf '%s\n' "${@:2}" 'brokers:' '  - name: hall' "    profile: $1" '    sources:' "      - {name: log, log: {path: $work/absent.log}}"; }

# A profile of one rule. profile CODE-READER EXPECTED-EVENT
profile() {
  cat <<YAML
profile: mine
title: Mine
versions: any
sources:
  log: {setting: none}
rules:
  - id: connack
    line: "CONNACK {client} {code}"
    code: $1
    cases: [{packet: CONNACK, direction: sent, protocol: "5.0"}]
    examples:
      - {record: "CONNACK a 135", gives: [$2]}
YAML
}

config mosquitto | sed 's/profile:/profil:/' | refuses_file 'an unknown key' '3:5: unknown key "profil".* did you mean "profile"'
config mosquitto 'web:' '  listen_address: ":1"' | refuses_file 'an unknown key elsewhere' '2:3: unknown key "listen_address"'
config mosquitto 'web: {listen_addresses: 5}' | refuses_file 'a wrong type' '1:25: "listen_addresses" must be a list'
config mosquitto 'web: [1]' | refuses_file 'another wrong type' '1:6: '
config mosquitto 'log: {level: loud}' | refuses_file 'a wrong value' '1:14: .*debug'
config mosquitto 'web: {telemetry_path: [' | refuses_file 'no YAML' '[0-9]+:[0-9]+: not valid YAML'
config mosquito | refuses_file 'a missing profile' '3:14: .*unknown profile "mosquito".*mosquitto'
config mosquitto 'profiles: [absent.yaml]' | refuses_file 'a missing profile file' '1:12: .*absent.yaml'
printf 'web: {}\n' | refuses_file 'no broker' '.*brokers'
refuses 'a missing file' "$work/none.yaml: .*cannot read" --config.file="$work/none.yaml"

profile dec 'CONNACK sent 5.0 0x86 explicit' >"$work/broken.yaml"
config mine 'profiles: [broken.yaml]' |
  refuses_file 'a profile that fails its own example' '[0-9]+:[0-9]+: .*broken.yaml:12:9: rule "connack": the example emits CONNACK sent 5.0 0x87 explicit, but "gives" says'
refuses 'the same (check profile)' "$work/broken.yaml:12:9: rule \"connack\"" check profile "$work/broken.yaml"
refuses 'the same, without a file' "--broker.profile: $work/broken.yaml:12:9:" --broker.profile="$work/broken.yaml" --log.path="$work/absent.log"
profile decimal 'CONNACK sent 5.0 0x87 explicit' >"$work/broken.yaml"
refuses 'a broken rule' "$work/broken.yaml:9:11: unknown word .decimal.: use one of: dec, hex, name, signed" check profile "$work/broken.yaml"

refuses 'an unknown flag' 'unknown flag "--log.pth": did you mean --log.path' --broker.profile=mosquitto --log.pth=x
refuses 'a flag without its value' '--config.file needs a value' --config.file
refuses 'an unknown command' 'unknown command "sreve": did you mean' sreve
refuses 'nothing to do' 'no source is configured: .*'
refuses 'an impossible port' '--web.listen-address "127.0.0.1:99999": ' --broker.profile=mosquitto --log.path=x --web.listen-address=127.0.0.1:99999

check 'lookup of what is not there' 1 "$("$MRE_BINARY" lookup zzzz >/dev/null && echo 0 || echo $?)"
profile dec 'CONNACK sent 5.0 0x87 explicit' >"$work/mine.yaml"
check_text 'a good profile (check profile)' 'ok, profile mine' "$("$MRE_BINARY" check profile "$work/mine.yaml")"
config mine 'profiles: [mine.yaml]' >"$work/good.yaml"
check_text 'a good configuration (check config)' "^$work/good.yaml: ok, 1 broker, 1 source" "$("$MRE_BINARY" check config "$work/good.yaml")"

# Neither the log nor the broker is there: it starts.
cat >>"$work/good.yaml" <<YAML
      - name: events
        profile: mosquitto
        mqtt: {url: "mqtt://127.0.0.1:$mqtt_port"}
YAML
start_exporter --config.file="$work/good.yaml"
check 'a missing log and a missing broker do not stop the start' 0 "$(source_up broker=hall)"
check_text 'the missing log is reported' "level=warn .*source log: waiting for $work/absent.log" "$(cat "$work/exporter.out")"
refuses 'a port that is taken' "cannot listen on 127.0.0.1:$http_port: .*in use" --config.file="$work/good.yaml" --web.listen-address="127.0.0.1:$http_port" --state.dir=none
echo 'CONNACK a 135' >"$work/absent.log"
expect 'the log is there' 1 codes source=log code=0x87
