# shellcheck shell=sh
# Sourced by the start scripts: how each gateway is run in its run directory.

# usage: start RUN_DIRECTORY URL COMMAND [ARGUMENT...]
# Runs the command in the background, its output in gateway.log, its process id in gateway.pid, and returns once the
# URL answers, whatever the status. 69: no keys, not installed, the port is taken, or it ended or stayed silent.
start() {
  run=$1
  url=$2
  shift 2
  # HAProxy, for one, starts without its key.
  if [ ! -r "$run/public.pem" ] || [ ! -r "$run/jwks.json" ]; then
    echo "no keys in $run: keys.mjs beside this script writes them" >&2
    return 69
  fi
  command -v "$1" >/dev/null || {
    echo "$1 is not installed: the install.sh of its folder does that" >&2
    return 69
  }
  if answers "$url"; then
    echo "something else answers at $url" >&2
    return 69
  fi
  "$@" </dev/null >"$run/gateway.log" 2>&1 &
  pid=$!
  echo "$pid" >"$run/gateway.pid"
  tries=0
  until answers "$url"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$pid" 2>/dev/null; then
      echo "$1 does not answer at $url:" >&2
      tail -n 20 "$run/gateway.log" >&2
      kill "$pid" 2>/dev/null || :
      rm -f "$run/gateway.pid"
      return 69
    fi
    sleep 0.1
  done
}

answers() {
  curl --silent --output /dev/null --noproxy '*' --max-time 2 "$1"
}
