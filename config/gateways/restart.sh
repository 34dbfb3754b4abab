#!/bin/sh
# usage: restart.sh GATEWAY RUN_DIRECTORY
# Ends the gateway that runs there and starts it again: what gateproof calls as `target.hooks.restart`.
set -eu
here=$(dirname "$0")
"$here/stop.sh" "$2"
exec "$here/$1/start.sh" "$2"
