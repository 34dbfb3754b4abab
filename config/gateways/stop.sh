#!/bin/sh
# usage: stop.sh RUN_DIRECTORY
# Ends the gateway that a start.sh runs there, by its process id, and returns when it is gone. None there: nothing to do.
set -eu
file=$1/gateway.pid
[ -f "$file" ] || exit 0
pid=$(cat "$file")
kill "$pid" 2>/dev/null || :
tries=0
while kill -0 "$pid" 2>/dev/null; do
  tries=$((tries + 1))
  if [ "$tries" -eq 50 ]; then
    echo "process $pid does not end by itself and is killed" >&2
    kill -9 "$pid" 2>/dev/null || :
  elif [ "$tries" -gt 70 ]; then
    echo "process $pid does not end" >&2
    exit 1
  fi
  sleep 0.1
done
rm -f "$file"
