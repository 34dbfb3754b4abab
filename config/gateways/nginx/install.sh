#!/bin/sh
# Installs nginx with njs, from Debian's packages.
set -eu
# shellcheck source-path=SCRIPTDIR source=../debian.sh
. "$(dirname "$0")/../debian.sh"
install_packages curl nginx libnginx-mod-http-js
