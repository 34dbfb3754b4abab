#!/bin/sh
# usage: start.sh RUN_DIRECTORY [scope | roles] [FAULT]; ../stop.sh ends both
# Keycloak at 127.0.0.1:8509, which is left as it is where it runs there already, and in front of the upstream, at
# 127.0.0.1:8510, Envoy, which has Keycloak's keys and no other. /v1/orders asks for the scope `orders.read`, or for the
# realm role `orders-reader`. FAULT is what Envoy is not to look at.
set -eu
# The database and the tokens are nobody else's.
umask 077
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../process.sh
. "$here/../process.sh"
usage() {
  echo 'usage: start.sh RUN_DIRECTORY [scope | roles] [audience | expiry | scope | scheme]' >&2
  exit 64
}
[ $# -ge 1 ] || usage
lab=$(cd "$1" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/gateproof
provider=http://127.0.0.1:8509
keys=$provider/realms/lab/protocol/openid-connect/certs

start_keycloak() {
  home=${GATEPROOF_KEYCLOAK:-$cache/keycloak}
  [ -x "$home/bin/kc.sh" ] || {
    echo "no $home/bin/kc.sh: install.sh puts it there" >&2
    return 69
  }
  # All that it writes is below the folder above its script: the database, the imported realms, the logs.
  mkdir -p "$lab/keycloak/bin"
  cp "$home/bin/kc.sh" "$lab/keycloak/bin/"
  for folder in conf lib providers themes; do ln -sfn "$home/$folder" "$lab/keycloak/$folder"; done
  [ -r "$lab/client.secret" ] || node "$here/realm.mjs" "$lab"
  patience=2800
  # It runs for minutes: what the compiler would gain later is worth less than the time that it takes now.
  export JAVA_OPTS_APPEND=-XX:TieredStopAtLevel=1
  launch keycloak "$lab" "$provider/realms/lab" "$lab/keycloak/bin/kc.sh" start --optimized --import-realm \
    "--hostname=$provider" --http-enabled=true --http-host=127.0.0.1 --http-port=8509 --cache=local
  # Of a client whose tokens live for a second: over, leeway and all, a little more than a minute from here.
  curl --silent --fail --noproxy '*' --user "gateproof-brief:$(cat "$lab/client.secret")" \
    --data grant_type=client_credentials --data 'scope=gateway orders.read' \
    "$provider/realms/lab/protocol/openid-connect/token" >"$lab/expired.json"
}

# What is different from the Envoy beside this folder, as a script for sed.
case ${2:-scope} in
scope) orders= ;;
roles)
  orders='s|path: \[{ key: claims }, { key: scope }\]|path: [{ key: claims }, { key: realm_access }, { key: roles }]|
    s|exact: orders.read|exact: orders-reader|'
  ;;
*) usage ;;
esac
jwks="remote_jwks: { http_uri: { uri: $keys, cluster: issuer, timeout: 2s } }"
fault=
case ${3:-} in
'') ;;
audience) fault='/audiences:/d' ;;
expiry) fault='s|clock_skew_seconds: 60|clock_skew_seconds: 315360000|' ;;
scope) fault='/- sourced_metadata:/,/value: /c\                                        - any: true' ;;
scheme) fault="s|from_headers: \[|&{ name: Authorization, value_prefix: 'JWT ' }, |" ;;
*) usage ;;
esac

pid=$(cat "$lab/keycloak.pid" 2>/dev/null || :)
{ [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; } || start_keycloak
sed -e 's|port_value: 8504|port_value: 8510|' -e 's|port_value: 9401|port_value: 8509|' \
  -e "s|issuer: https://issuer.example.test/|issuer: $provider/realms/lab|" -e "s|@JWKS@|$jwks|" \
  -e "$orders" -e "$fault" "$here/../envoy/envoy.yaml" >"$lab/envoy.yaml"
PATH=$PATH:${GATEPROOF_ENVOY:-$cache/envoy}/bin
patience=300
launch gateway "$lab" http://127.0.0.1:8510/ envoy --config-path "$lab/envoy.yaml" --disable-hot-restart --log-level warning
