#!/bin/sh
# usage: start.sh RUN_DIRECTORY, where ../keys.mjs has written the keys; ../stop.sh ends it
set -eu
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=../process.sh
. "$here/../process.sh"
lab=$(cd "$1" && pwd)
PATH=$PATH:${GATEPROOF_OAUTH2_PROXY:-${XDG_CACHE_HOME:-$HOME/.cache}/gateproof/oauth2-proxy}
SECRET=$lab/oauth2-proxy.secret
[ -r "$SECRET" ] || (umask 077 && head -c 24 /dev/urandom | base64 | tr -d '\n' >"$SECRET")
OAUTH2_PROXY_COOKIE_SECRET=$(cat "$SECRET")
export SECRET OAUTH2_PROXY_COOKIE_SECRET LISTEN ORDERS SCOPE
set -- --config "$here/oauth2-proxy.cfg" --alpha-config "$here/oauth2-proxy.yaml"
# A process demands the same groups on all its routes, so the route with a scope has one of its own, behind the first.
LISTEN=127.0.0.1:8516 ORDERS=http://127.0.0.1:9402 SCOPE=orders.read
launch orders "$lab" http://127.0.0.1:8516/ping oauth2-proxy "$@"
LISTEN=127.0.0.1:8506 ORDERS=http://127.0.0.1:8516 SCOPE=
start "$lab" http://127.0.0.1:8506/ping oauth2-proxy "$@"
