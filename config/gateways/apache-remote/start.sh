#!/bin/sh
# usage: start.sh RUN_DIRECTORY; ../stop.sh ends it
exec "$(dirname "$0")/../apache/start.sh" "$1" remote
