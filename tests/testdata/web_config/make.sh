#!/usr/bin/env bash
# Makes the certificates beside this file, valid for 100 years (see README.md).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
DAYS=36500
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# key NAME ALGORITHM...
key() { openssl genpkey -quiet -out "$1.key" "${@:2}"; }
rsa() { key "$1" -algorithm RSA -pkeyopt rsa_keygen_bits:2048; }
ec() { key "$1" -algorithm EC -pkeyopt ec_paramgen_curve:P-256; }

# own NAME SUBJECT EXTENSION...: signed by its own key.
own() {
  local extensions=()
  local extension
  for extension in "${@:3}"; do extensions+=(-addext "$extension"); done
  openssl req -x509 -new -key "$1.key" -out "$1.pem" -days "$DAYS" -subj "/O=mqtt-reason-exporter tests/CN=$2" "${extensions[@]}"
}

# signed NAME SUBJECT CA EXTENSION...
signed() {
  openssl req -new -key "$1.key" -subj "/O=mqtt-reason-exporter tests/CN=$2" -out "$work/request"
  printf '%s\n' 'basicConstraints=critical,CA:FALSE' "${@:4}" >"$work/extensions"
  openssl x509 -req -in "$work/request" -CA "$3.pem" -CAkey "$3.key" -CAcreateserial -CAserial "$work/serial" \
    -days "$DAYS" -extfile "$work/extensions" -out "$1.pem" 2>/dev/null
}

NAMES='subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'

ec ca
own ca 'test authority' 'keyUsage=critical,keyCertSign'
rsa server
signed server localhost ca "$NAMES" 'extendedKeyUsage=serverAuth'
ec server_ec
signed server_ec localhost ca "$NAMES" 'extendedKeyUsage=serverAuth'
ec client
signed client scraper ca 'subjectAltName=DNS:scraper.example,IP:192.0.2.7,IP:2001:db8::7,email:scraper@example.org,URI:spiffe://example.org/scraper' 'extendedKeyUsage=clientAuth'
ec client_for_servers
signed client_for_servers 'no client' ca 'extendedKeyUsage=serverAuth'
rsa client_selfsigned
own client_selfsigned test 'basicConstraints=critical,CA:FALSE' 'extendedKeyUsage=clientAuth'
rsa client2_selfsigned
own client2_selfsigned test2 'basicConstraints=critical,CA:FALSE' 'extendedKeyUsage=clientAuth' 'subjectAltName=DNS:test1,DNS:test2,DNS:test3'

# Of the key of server, and long over.
openssl req -new -key server.key -subj '/O=mqtt-reason-exporter tests/CN=localhost' -out "$work/request"
: >"$work/index"
printf '[ca]\ndefault_ca=c\n[c]\ndatabase=%s/index\nnew_certs_dir=%s\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\nO=optional\nCN=supplied\n' \
  "$work" "$work" >"$work/ca.conf"
openssl ca -batch -notext -config "$work/ca.conf" -cert ca.pem -keyfile ca.key -startdate 20200101000000Z -enddate 20210101000000Z \
  -in "$work/request" -out expired.pem 2>/dev/null

openssl pkey -in server.key -aes256 -passout pass:test -out encrypted.key
