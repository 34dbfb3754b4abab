#!/bin/sh
# usage: certificates.sh DIRECTORY [NAME...]
# Writes a private authority (ca.pem), a certificate of a server (server.pem, server.key) for 127.0.0.1 and the names,
# one of a client (client.pem, client.key), and another authority (other-ca.pem) with a client of its own (stranger.pem,
# stranger.key).
set -eu
cd "$1"
shift
names=IP:127.0.0.1
for name in "$@"; do
  case $name in
  *[!0-9.]*) names=$names,DNS:$name ;;
  *) names=$names,IP:$name ;;
  esac
done

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$2" \
    -keyout "$1.key" -out "$1.pem" 2>/dev/null
}

# usage: issue AUTHORITY FILE COMMON_NAME EXTENSION
issue() {
  authority=$1
  shift
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr" \
    2>/dev/null
  printf '%s\n' "$3" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA "$authority.pem" -CAkey "$authority.key" -CAcreateserial -days 2 \
    -extfile "$1.ext" -out "$1.pem" 2>/dev/null
  rm "$1.csr" "$1.ext"
}

authority ca 'gateproof laboratory'
authority other-ca 'another laboratory'
issue ca server gateway "subjectAltName=$names"
issue ca client gateproof extendedKeyUsage=clientAuth
issue other-ca stranger nobody extendedKeyUsage=clientAuth
