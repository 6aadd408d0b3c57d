#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A small fleet of real clients: refusals, denials, session take-overs, keep-alive time-outs, messages without a subscriber,
# and normal traffic. Runs until TERM, in a separate process group.
#
#   fleet.sh PORT PASSWORD     PASSWORD is that of the users "sensor" and "display"
set -uo pipefail
port=$1
password=$2
# The clients, including the stopped ones, are in this process group and end with it.
trap 'trap "" TERM; kill -TERM 0; kill -CONT 0; exit' TERM

# (timeout --foreground stays in this process group.)

# publish ID VERSION PASSWORD TOPIC QOS
publish() {
  timeout --foreground 10 mosquitto_pub -h 127.0.0.1 -p "$port" -i "$1" -V "$2" -u sensor -P "$3" -t "$4" -q "$5" -m '21.5'
}

# subscribe ID VERSION SECONDS [OPTION...]
subscribe() {
  timeout --foreground "$3" mosquitto_sub -h 127.0.0.1 -p "$port" -i "$1" -V "$2" -u display -P "$password" -t 'house/#' -q 1 "${@:4}"
}

# every SECONDS COMMAND...
every() {
  while :; do
    "${@:2}"
    sleep "$1"
  done
}

# A client that stops answering: the broker closes the connection after 1.5 times the keep-alive.
freeze() {
  mosquitto_sub -h 127.0.0.1 -p "$port" -i "$1" -V "$2" -u display -P "$password" -t 'house/#' -k 5 &
  local client=$!
  sleep 1
  kill -STOP "$client"
  sleep 12
  kill -KILL "$client"
  wait "$client"
}

# A client guesses passwords, often enough for an alert to fire.
guess_passwords() {
  local i
  for ((i = 0; i < 100; ++i)); do
    publish guesser mqttv5 "guess-$i" house/roof/temperature 1
    sleep 0.3
  done
}

every 1 subscribe wall-display mqttv5 3600 &
every 1 publish kitchen mqttv5 "$password" house/kitchen/temperature 1 &
every 2 publish cellar mqttv311 "$password" house/cellar/temperature 2 &
# Refused: an old password, too rarely for an alert, and a burst of wrong ones every ten minutes.
every 20 publish old-gateway mqttv5 wrong house/roof/temperature 1 &
every 30 publish older-gateway mqttv311 wrong house/roof/temperature 1 &
(
  sleep 15
  every 570 guess_passwords
) &
# Denied: the ACL does not allow the topic.
every 2 publish garden mqttv5 "$password" lock/front-door 1 &
every 5 publish shed mqttv5 "$password" lock/back-door 2 &
every 5 publish barn mqttv311 "$password" lock/barn 1 &
# No subscribers: normal, 0x10.
every 1 publish weather mqttv5 "$password" unheard/wind 1 &
# Two clients with the same client id take over each other's session.
every 2 subscribe twin mqttv5 6 &
(
  sleep 3
  every 2 subscribe twin mqttv5 6
) &
every 2 subscribe old-twin mqttv311 6 &
(
  sleep 3
  every 2 subscribe old-twin mqttv311 6
) &
# Time-outs.
every 1 freeze frozen-panel mqttv5 &
every 1 freeze frozen-meter mqttv311 &
wait
