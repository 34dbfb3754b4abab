#!/bin/sh
# Installs tinyproxy and Squid, and the gateway behind them, from Debian's packages.
set -eu
"$(dirname "$0")/../../nginx/install.sh"
# shellcheck source-path=SCRIPTDIR source=../../debian.sh
. "$(dirname "$0")/../../debian.sh"
install_packages openssl tinyproxy squid
