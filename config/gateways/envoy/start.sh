#!/bin/sh
# usage: start.sh RUN_DIRECTORY [file | remote], where ../keys.mjs has written the keys; ../stop.sh ends it
# `file` reads the keys once from the run directory, `remote` fetches them from 127.0.0.1:9401 where gateproof serves them.
set -eu
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=../process.sh
. "$here/../process.sh"
lab=$(cd "$1" && pwd)
case ${2:-file} in
file) jwks="local_jwks: { filename: '$lab/jwks.json' }" ;;
remote)
  fetch='{ uri: http://127.0.0.1:9401/.well-known/jwks.json, cluster: issuer, timeout: 2s }'
  # Minutes are usual; so short, that what becomes of a change is seen while gateproof runs.
  jwks="remote_jwks: { http_uri: $fetch, cache_duration: 2s }"
  ;;
*)
  echo 'usage: start.sh RUN_DIRECTORY [file | remote]' >&2
  exit 64
  ;;
esac
sed "s|@JWKS@|$jwks|" "$here/envoy.yaml" >"$lab/envoy.yaml"
home=${GATEPROOF_ENVOY:-${XDG_CACHE_HOME:-$HOME/.cache}/gateproof/envoy}
PATH=$PATH:$home/bin
start "$lab" http://127.0.0.1:8504/ envoy --config-path "$lab/envoy.yaml" --disable-hot-restart --log-level warning
