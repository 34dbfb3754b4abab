#!/bin/sh
# usage: stop.sh RUN_DIRECTORY [NAME]
# Ends what a start.sh runs there, the gateway first, or what it runs by that name alone, by the process ids, and returns
# when it is gone. None there: nothing to do.
set -eu
end() {
  [ -f "$1" ] || return 0
  pid=$(cat "$1")
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
  rm -f "$1"
}
if [ $# -eq 2 ]; then
  end "$1/$2.pid"
  exit 0
fi
end "$1/gateway.pid"
for file in "$1"/*.pid; do
  end "$file"
done
