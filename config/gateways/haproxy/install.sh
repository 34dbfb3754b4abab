#!/bin/sh
# Installs HAProxy, from Debian's packages.
set -eu
# shellcheck source-path=SCRIPTDIR source=../debian.sh
. "$(dirname "$0")/../debian.sh"
install_packages curl haproxy
