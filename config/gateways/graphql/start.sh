#!/bin/sh
# usage: start.sh RUN_DIRECTORY [ARGUMENT OF server.mjs...], where ../keys.mjs has written the keys; ../stop.sh ends it
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../process.sh
. "$here/../process.sh"
lab=$(cd "$1" && pwd)
shift
start "$lab" http://127.0.0.1:8550/ping node "$here/server.mjs" "$lab" "$@"
