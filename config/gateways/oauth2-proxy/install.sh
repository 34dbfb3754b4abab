#!/bin/sh
# Builds oauth2-proxy from its Go module (Go 1.26 or later; about two minutes on two cores), into a folder of its own:
# GATEPROOF_OAUTH2_PROXY, or gateproof/oauth2-proxy in the user's cache.
set -eu
# shellcheck source-path=SCRIPTDIR source=../debian.sh
. "$(dirname "$0")/../debian.sh"
install_packages curl
home=${GATEPROOF_OAUTH2_PROXY:-${XDG_CACHE_HOME:-$HOME/.cache}/gateproof/oauth2-proxy}
[ -x "$home/oauth2-proxy" ] || GOBIN=$home nice go install github.com/oauth2-proxy/oauth2-proxy/v7@v7.15.6
