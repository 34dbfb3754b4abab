#!/bin/sh
# usage: start.sh RUN_DIRECTORY, where ../keys.mjs has written the keys; ../stop.sh ends it
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../process.sh
. "$here/../process.sh"
lab=$(cd "$1" && pwd)
home=${GATEPROOF_SPRING:-${XDG_CACHE_HOME:-$HOME/.cache}/gateproof/spring-cloud-gateway}
jar=$home/app/gateway.jar
[ -r "$jar" ] || {
  echo "no $jar: install.sh builds it" >&2
  exit 69
}
# A JVM takes its time on a busy machine.
patience=900
start "$lab" http://127.0.0.1:8508/ java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
  "-XX:SharedArchiveFile=$home/app/gateway.jsa" -jar "$jar" "--spring.config.location=file:$here/application.yaml"
