#!/bin/sh
# usage: start.sh RUN_DIRECTORY [file | remote], where ../keys.mjs has written the keys; ../stop.sh ends it
# `file` reads the key from the run directory, `remote` fetches it from 127.0.0.1:9401 where gateproof serves it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../process.sh
. "$here/../process.sh"
LAB=$(cd "$1" && pwd)
export LAB
case ${2:-file} in
file) keys= ;;
remote)
  keys=-DREMOTE
  chmod go+x "$LAB" # the workers are www-data
  # What gateproof serves the key set with, and the module trusts; kept over a restart.
  [ -r "$LAB/key-set-key.pem" ] || openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$LAB/key-set-key.pem" -out "$LAB/key-set-certificate.pem" 2>/dev/null
  ;;
*)
  echo 'usage: start.sh RUN_DIRECTORY [file | remote]' >&2
  exit 64
  ;;
esac
# shellcheck disable=SC2086 # no argument where there is none
start "$LAB" http://127.0.0.1:8503/ apache2 -DFOREGROUND $keys -f "$here/apache.conf"
