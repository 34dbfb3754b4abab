#!/bin/sh
# usage: start.sh RUN_DIRECTORY, where ../keys.mjs has written the keys; ../stop.sh ends it
set -eu
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=../process.sh
. "$here/../process.sh"
LAB=$(cd "$1" && pwd)
export LAB
start "$LAB" http://127.0.0.1:8501/ haproxy -db -f "$here/haproxy.cfg"
