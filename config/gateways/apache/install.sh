#!/bin/sh
# Installs Apache httpd with mod_auth_openidc, from Debian's packages.
set -eu
# shellcheck source-path=SCRIPTDIR source=../debian.sh
. "$(dirname "$0")/../debian.sh"
install_packages curl openssl apache2 libapache2-mod-auth-openidc
