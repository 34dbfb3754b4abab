#!/bin/sh
# usage: start.sh RUN_DIRECTORY, where ../keys.mjs has written the keys; ../stop.sh ends it
set -eu
here=$(dirname "$0")
# shellcheck source-path=SCRIPTDIR source=../process.sh
. "$here/../process.sh"
lab=$(cd "$1" && pwd)
cp "$here/nginx.conf" "$here/bearer.js" "$lab/"
# The keys by kid, read once, when nginx loads its configuration: the workers need no key file.
printf "export default { 'gateproof-lab': '%s' }\n" "$(grep -v -e ----- "$lab/public.pem" | tr -d '\n')" >"$lab/keys.js"
# The workers, which are www-data where root starts nginx, keep large bodies in a folder of theirs below.
chmod go+x "$lab"
start "$lab" http://127.0.0.1:8502/ nginx -p "$lab" -c nginx.conf -e stderr
