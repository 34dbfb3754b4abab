#!/bin/sh
# usage: run.sh RUN_DIRECTORY URL COMMAND [ARGUMENT...], in a folder where certificates.sh has written
# Runs a gateway or a front as ../process.sh says; ../stop.sh RUN_DIRECTORY ends it.
set -eu
# shellcheck source-path=SCRIPTDIR source=../process.sh
. "$(dirname "$0")/../process.sh"
certificates=$(dirname "$1")
# Under a certificate of our own too, and where one is asked for.
answers() {
  curl --silent --output /dev/null --noproxy '*' --max-time 2 --insecure \
    --cert "$certificates/client.pem" --key "$certificates/client.key" "$1"
}
launch server "$@"
