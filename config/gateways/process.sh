# shellcheck shell=sh
# Sourced by the start scripts: how each gateway is run in its run directory.

# usage: start RUN_DIRECTORY URL COMMAND [ARGUMENT...]
# Launches a gateway that has its keys from the run directory, or from gateproof, which has them from there.
# 69: no keys, and as below.
start() {
  # HAProxy, for one, starts without its key.
  if [ ! -r "$1/public.pem" ] || [ ! -r "$1/jwks.json" ]; then
    echo "no keys in $1: keys.mjs beside this script writes them" >&2
    return 69
  fi
  launch gateway "$@"
}

# usage: launch NAME RUN_DIRECTORY URL COMMAND [ARGUMENT...]
# Runs the command in the background, its output in NAME.log, its process id in NAME.pid, and returns once the URL
# answers, whatever the status. 69: not installed, the port is taken, it ended, or it stayed silent for `patience`
# tenths of a second (100 where that is not set).
launch() {
  name=$1
  run=$2
  url=$3
  shift 3
  command -v "$1" >/dev/null || {
    echo "$1 is not installed: the install.sh of its folder does that" >&2
    return 69
  }
  if answers "$url"; then
    echo "something else answers at $url" >&2
    return 69
  fi
  "$@" </dev/null >"$run/$name.log" 2>&1 &
  pid=$!
  echo "$pid" >"$run/$name.pid"
  tries=0
  until answers "$url"; do
    tries=$((tries + 1))
    if [ "$tries" -gt "${patience:-100}" ] || ! kill -0 "$pid" 2>/dev/null; then
      echo "$1 does not answer at $url:" >&2
      tail -n 20 "$run/$name.log" >&2
      kill "$pid" 2>/dev/null || :
      rm -f "$run/$name.pid"
      return 69
    fi
    sleep 0.1
  done
}

answers() {
  curl --silent --output /dev/null --noproxy '*' --max-time 2 "$1"
}
