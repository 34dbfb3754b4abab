#!/bin/sh
# usage: start.sh RUN_DIRECTORY, where ../keys.mjs has written the keys; ../stop.sh ends it
set -eu
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=../process.sh
. "$here/../process.sh"
lab=$(cd "$1" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/gateproof
PATH=$PATH:${GATEPROOF_TRAEFIK:-$cache/traefik}/bin:${GATEPROOF_OAUTH2_PROXY:-$cache/oauth2-proxy}
SECRET=$lab/oauth2-proxy.secret
[ -r "$SECRET" ] || (umask 077 && head -c 24 /dev/urandom | base64 | tr -d '\n' >"$SECRET")
OAUTH2_PROXY_COOKIE_SECRET=$(cat "$SECRET")
export SECRET OAUTH2_PROXY_COOKIE_SECRET
launch authenticator "$lab" http://127.0.0.1:8515/ping \
  oauth2-proxy --config "$here/oauth2-proxy.cfg" --alpha-config "$here/oauth2-proxy.yaml"
cp "$here/routes.yaml" "$lab/routes.yaml"
sed "s|@ROUTES@|$lab/routes.yaml|" "$here/traefik.yaml" >"$lab/traefik.yaml"
start "$lab" http://127.0.0.1:8507/ traefik --configFile="$lab/traefik.yaml"
# It answers 404 until it has read its routes.
tries=0
while [ "$(curl --silent --output /dev/null --noproxy '*' --max-time 2 --write-out '%{http_code}' http://127.0.0.1:8507/v1/hello)" = 404 ]; do
  tries=$((tries + 1))
  [ "$tries" -le 100 ] || {
    echo 'traefik does not read its routes: see gateway.log' >&2
    exit 69
  }
  sleep 0.1
done
