#!/bin/sh
# usage: certificates.sh RUN_DIRECTORY
# Writes an authority of its own (ca.pem), a certificate for localhost (server), and two for clients (client, stranger),
# each as NAME.pem and NAME.key.
set -eu
cd "$1"
pair() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2>/dev/null
}
leaf() {
  pair "$1"
  printf 'basicConstraints=critical,CA:FALSE\nextendedKeyUsage=%s\nsubjectAltName=%s\n' "$2" "$3" >"$1.ext"
  openssl req -new -key "$1.key" -subj "/CN=$1" | openssl x509 -req -CA ca.pem -CAkey ca.key -days 1 -extfile "$1.ext" -out "$1.pem" 2>/dev/null
  rm "$1.ext"
}
pair ca
openssl req -x509 -new -key ca.key -subj /CN=gateproof-lab-authority -days 1 -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -out ca.pem
leaf server serverAuth DNS:localhost,IP:127.0.0.1
leaf client clientAuth DNS:client.example.test
leaf stranger clientAuth DNS:stranger.example.test
