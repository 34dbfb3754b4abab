#!/bin/sh
# Installs Envoy and nginx as gateways, and what makes namespaces.
set -eu
"$(dirname "$0")/../../nginx/install.sh"
"$(dirname "$0")/../../envoy/install.sh"
# shellcheck source-path=SCRIPTDIR source=../../debian.sh
. "$(dirname "$0")/../../debian.sh"
install_packages openssl iproute2
